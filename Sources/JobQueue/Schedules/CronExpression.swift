import Postgres

/// When something is to happen again and again, as a line of cron says it, on a wall clock that never jumps.
///
/// Five fields: minute, hour, day of month, month, day of week. Each is `*` or a list of numbers, names (`MON`, `JAN`) and
/// ranges; a range or `*` may have a step. Where both day fields are restricted a day counts if either admits it;
/// one that begins with `*`, such as `*/2`, does not count as restricted, and then both must admit the day. So it says
/// in crontab(5) of Vixie's cron and Debian's. 0 and 7 are Sunday.
///
/// What becomes of a wall clock that does jump, ``Timetable`` says.
package struct CronExpression: Hashable, Sendable {
    /// The line, with one space between its fields.
    package let text: String
    private let minutes: CronSet
    private let hours: CronSet
    private let daysOfMonth: CronSet
    private let months: CronSet
    private let daysOfWeek: CronSet

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]
    private static let longestLine = 200

    /// Reads a line.
    ///
    /// - Throws: ``CronError`` that says which field is wrong and why; also for a line that never fires, such as one for
    ///   31 February.
    package init(_ line: String) throws(CronError) {
        guard line.utf8.count <= Self.longestLine else {
            throw CronError(nil, "a cron line has at most \(Self.longestLine) bytes")
        }
        let written = line.split { $0 == " " || $0 == "\t" || $0.isNewline }
        self.text = written.joined(separator: " ")
        let fields = try Self.fields(written)
        self.minutes = try CronField.minute.parse(fields[0])
        self.hours = try CronField.hour.parse(fields[1])
        self.daysOfMonth = try CronField.dayOfMonth.parse(fields[2])
        self.months = try CronField.month.parse(fields[3])
        self.daysOfWeek = try CronField.dayOfWeek.parse(fields[4])
        guard everFires else {
            throw CronError(
                .dayOfMonth,
                "the line never fires, since no month of \(fields[3].quoted) has a day \(daysOfMonth.first)"
            )
        }
    }

    /// Every day at this time.
    package init(dailyAtHour hour: Int, minute: Int) {
        self.init("\(minute) \(hour) * * *", minute: minute, hours: CronSet(only: hour, of: .hour))
    }

    /// Every hour at this minute.
    package init(hourlyAtMinute minute: Int) {
        self.init("\(minute) * * * *", minute: minute, hours: CronSet(allOf: .hour))
    }

    private init(_ text: String, minute: Int, hours: CronSet) {
        self.text = text
        self.minutes = CronSet(only: minute, of: .minute)
        self.hours = hours
        self.daysOfMonth = CronSet(allOf: .dayOfMonth)
        self.months = CronSet(allOf: .month)
        self.daysOfWeek = CronSet(allOf: .dayOfWeek)
    }

    /// Whether the line admits every hour, so that it is about time that passes rather than about a time of day.
    var isHourly: Bool { hours.count == 24 }

    /// The first firing that is not before this minute.
    func firing(atOrAfter start: CivilMinute) -> CivilMinute {
        if let found = firing(on: start.day, atOrAfter: start.minuteOfDay) { return found }
        var days = start.day.days + 1
        while true {
            if let found = firing(on: CalendarDate(days: days), atOrAfter: 0) { return found }
            days += 1
        }
    }

    /// The last firing that is not after this minute.
    func firing(atOrBefore end: CivilMinute) -> CivilMinute {
        if let found = firing(on: end.day, atOrBefore: end.minuteOfDay) { return found }
        var days = end.day.days - 1
        while true {
            if let found = firing(on: CalendarDate(days: days), atOrBefore: 1439) { return found }
            days -= 1
        }
    }

    // MARK: Private

    private static func fields(_ written: [Substring]) throws(CronError) -> [Substring] {
        let names = "minute, hour, day of month, month, day of week"
        guard let first = written.first else {
            throw CronError(nil, "the cron line is empty; it has five fields: \(names)")
        }
        if first.hasPrefix("@") {
            guard written.count == 1, let line = nicknames[first.lowercased()] else {
                let known = nicknames.keys.sorted().joined(separator: ", ")
                throw CronError(
                    nil,
                    "\(written.joined(separator: " ").quoted) is not known here; what begins with @ is one of \(known)"
                )
            }
            return line.split(separator: " ")
        }
        guard written.count == 5 else {
            throw CronError(nil, "a cron line has five fields (\(names)), and this one has \(written.count)")
        }
        return written
    }

    /// Whether any day is admitted: one day field decides alone or both must agree, and then a month must be as long as the
    /// smallest day of month. 29 February falls on each day of the week now and then.
    private var everFires: Bool {
        if !daysOfMonth.isStar && !daysOfWeek.isStar { return true }
        let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return lengths.enumerated().contains { months.contains($0.offset + 1) && daysOfMonth.first <= $0.element }
    }

    private func admits(_ day: CalendarDate) -> Bool {
        let date = day.components
        guard months.contains(date.month) else { return false }
        let (isOfMonth, isOfWeek) = (daysOfMonth.contains(date.day), daysOfWeek.contains(day.dayOfWeek))
        return daysOfMonth.isStar || daysOfWeek.isStar ? isOfMonth && isOfWeek : isOfMonth || isOfWeek
    }

    private func firing(on day: CalendarDate, atOrAfter start: Int) -> CivilMinute? {
        guard admits(day) else { return nil }
        let (hour, minute) = (start / 60, start % 60)
        if hours.contains(hour), let found = minutes.first(from: minute) {
            return CivilMinute(day: day, minuteOfDay: hour * 60 + found)
        }
        return hours.first(from: hour + 1).map { CivilMinute(day: day, minuteOfDay: $0 * 60 + minutes.first) }
    }

    private func firing(on day: CalendarDate, atOrBefore end: Int) -> CivilMinute? {
        guard admits(day), let lastMinute = minutes.last(through: 59) else { return nil }
        let (hour, minute) = (end / 60, end % 60)
        if hours.contains(hour), let found = minutes.last(through: minute) {
            return CivilMinute(day: day, minuteOfDay: hour * 60 + found)
        }
        return hours.last(through: hour - 1).map { CivilMinute(day: day, minuteOfDay: $0 * 60 + lastMinute) }
    }
}

extension CronExpression: CustomStringConvertible {
    package var description: String { text }
}
