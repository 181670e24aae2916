import Postgres

/// The time that is asked about and the holidays around it.
struct HolidaysAround: OneRow {
    static let sql = SQL("holidays_around", PackageResources.holidays_around_sql)
    static let route = Route.shared
    /// `nil`: now.
    let instant: Timestamp?

    func bind(to parameters: inout Parameters) { parameters.append(instant) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> HolidayClock {
        let instant = try row.next(Timestamp.self)
        let days = try row.next(PostgresArray<Day>.self).elements
        let kinds = try row.next(PostgresArray<String>.self).elements
        let years = try row.next(PostgresArray<Int32>.self).elements
        let entries = zip(days, kinds).compactMap { day, kind in
            HolidayCalendar.Entry(rawValue: kind).map { (CalendarDate(day), $0) }
        }
        return HolidayClock(
            time: WallTime(instant),
            calendar: HolidayCalendar(
                entries: Dictionary(entries) { first, _ in first },
                declaredYears: Set(years.map(Int.init))
            )
        )
    }
}

/// Every different schedule.
struct ListSchedules: ManyRows {
    static let sql = SQL("list_schedules", PackageResources.list_schedules_sql)
    static let route = Route.shared

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Schedule? {
        Schedule(try row.next(String.self))
    }
}
