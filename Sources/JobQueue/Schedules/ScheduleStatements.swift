import Postgres

struct ReadClock: OneRow {
    static let sql = SQL("read_clock", PackageResources.read_clock_sql)

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

struct FindZone: OneRow {
    static let sql = SQL("find_zone", PackageResources.find_zone_sql)
    static let route = Route.leasedRead
    let zone: String

    func bind(to parameters: inout Parameters) { parameters.append(zone) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (name: String?, similar: [String]) {
        (try row.nextIfPresent(), try row.next(PostgresArray<String>.self).elements)
    }
}

struct ReadZoneOffsets: ManyRows {
    static let sql = SQL("zone_offsets", PackageResources.zone_offsets_sql)
    let zone: String
    let start: Int
    let end: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(zone)
        parameters.append(start)
        parameters.append(end)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (at: Int, offset: Int) {
        (try row.next(), try row.next())
    }
}

struct NextLook: OneRow {
    static let sql = SQL("next_look", PackageResources.next_look_sql)
    static let route = Route.leasedRead

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Double? { try row.nextIfPresent() }
}

struct TakeDueSchedule: OptionalRow {
    static let sql = SQL("take_due_schedule", PackageResources.take_due_schedule_sql)

    /// An entry that is to be looked at, as it stands in the table: its line may not be one.
    struct Row: Sendable {
        let name: String
        let cron: String
        let zone: String
        let backfill: Int
        let decidedUntil: Int
        let now: Int
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        Row(
            name: try row.next(),
            cron: try row.next(),
            zone: try row.next(),
            backfill: try row.next(),
            decidedUntil: try row.next(),
            now: try row.next()
        )
    }
}

struct FireSchedule: OneRow {
    static let sql = SQL("fire_schedule", PackageResources.fire_schedule_sql)
    let name: String
    let due: DueTimes
    let now: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(name)
        parameters.append(PostgresArray(due.firings))
        parameters.append(now)
        parameters.append(due.next)
    }

    /// How many jobs that made.
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

struct NoteTrouble: OptionalRow {
    static let sql = SQL("note_trouble", PackageResources.note_trouble_sql)
    let name: String
    let reason: String

    func bind(to parameters: inout Parameters) {
        parameters.append(name)
        parameters.append(reason)
    }

    /// Whether the reason is news.
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Bool { try row.next() }
}

struct FindSchedule: OptionalRow {
    static let sql = SQL("find_schedule", PackageResources.find_schedule_sql)
    let name: String

    func bind(to parameters: inout Parameters) { parameters.append(name) }

    /// An entry as it stands in the table: its line may not be one.
    struct Row: Sendable {
        let cron: String
        let zone: String
        let kind: String
        let payload: JSONText
        let park: String?
        let priority: Int16
        let backfill: Int
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        Row(
            cron: try row.next(),
            zone: try row.next(),
            kind: try row.next(),
            payload: try row.next(),
            park: try row.nextIfPresent(),
            priority: try row.next(),
            backfill: try row.next()
        )
    }
}

struct PutSchedule: OneRow {
    static let sql = SQL("put_schedule", PackageResources.put_schedule_sql)
    let schedule: Schedule
    let next: Int

    func bind(to parameters: inout Parameters) { schedule.bind(to: &parameters, next: next) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (isNew: Bool, isPaused: Bool) {
        (try row.next(), try row.next())
    }
}

struct RegisterSchedule: Command {
    static let sql = SQL("register_schedule", PackageResources.register_schedule_sql)
    let schedule: Schedule
    let next: Int

    func bind(to parameters: inout Parameters) { schedule.bind(to: &parameters, next: next) }
}

extension Schedule {
    fileprivate func bind(to parameters: inout Parameters, next: Int) {
        parameters.append(name)
        parameters.append(cron.text)
        parameters.append(zone)
        parameters.append(kind)
        parameters.append(payload)
        parameters.append(park)
        parameters.append(priority)
        parameters.append(Int32(clamping: backfill))
        parameters.append(next)
    }
}

struct ListSchedules: OneRow {
    static let sql = SQL("list_schedules", PackageResources.list_schedules_sql)
    static let route = Route.leasedRead

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

struct RemoveSchedule: Command {
    static let sql = SQL("remove_schedule", PackageResources.remove_schedule_sql)
    let name: String

    func bind(to parameters: inout Parameters) { parameters.append(name) }
}

struct PauseSchedule: OptionalRow {
    static let sql = SQL("pause_schedule", PackageResources.pause_schedule_sql)
    let name: String

    func bind(to parameters: inout Parameters) { parameters.append(name) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ScheduleControl.Pausing {
        ScheduleControl.Pausing(since: try row.nextIfPresent(), isChanged: try row.next())
    }
}

struct ResumeSchedule: OptionalRow {
    static let sql = SQL("resume_schedule", PackageResources.resume_schedule_sql)
    let name: String

    func bind(to parameters: inout Parameters) { parameters.append(name) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ScheduleControl.Pausing {
        let since = try row.nextIfPresent(String.self)
        return ScheduleControl.Pausing(since: since, isChanged: since != nil)
    }
}
