import Postgres

extension OpeningHours: CustomStringConvertible {
    /// The hours in the one form that equal hours share; parsing it gives them back.
    package var description: String {
        rules.enumerated().map { index, rule in (index == 0 ? "" : rule.separator.rawValue) + rule.text }.joined()
    }
}

extension OpeningHours.Rule {
    fileprivate var text: String {
        var parts: [String] = []
        if !dates.isEmpty { parts.append(dates.map(\.text).joined(separator: ",")) }
        if !days.isEveryDay { parts.append(days.text) }
        if !spans.isEmpty { parts.append(spans.map(\.text).joined(separator: ",")) }
        let isAlways = parts.isEmpty && state == .open && comment == nil
        if isAlways { parts.append("24/7") }
        // A comment makes a rule unknown by itself.
        switch state {
        case .open: if comment != nil { parts.append("open") }
        case .closed: parts.append("off")
        case .unknown: if comment == nil { parts.append("unknown") }
        }
        if let comment { parts.append("\"\(comment)\"") }
        return parts.joined(separator: " ")
    }
}

extension OpeningHours.DateRange {
    fileprivate var text: String { start == end ? start.text : start.text + "-" + end.text }
}

extension OpeningHours.DayOfYear {
    fileprivate var text: String {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return [year.map(String.init), names[month - 1], day.map { $0.padded(to: 2) }].compactMap { $0 }
            .joined(separator: " ")
    }
}

extension OpeningHours.DaySet {
    fileprivate var text: String {
        let holidays = [includesPublicHolidays ? "PH" : nil, includesSchoolHolidays ? "SH" : nil].compactMap { $0 }
            .joined(separator: ",")
        let weekdays = Self.runs(of: weekdays).map { run in
            run.count > 2
                ? Self.name(run[0]) + "-" + Self.name(run[run.count - 1]) : run.map(Self.name).joined(separator: ",")
        }.joined(separator: ",")
        return needsBoth
            ? holidays + " " + weekdays : [weekdays, holidays].filter { !$0.isEmpty }.joined(separator: ",")
    }

    /// The weekdays in groups of neighbours.
    private static func runs(of weekdays: [Weekday]) -> [[Weekday]] {
        var runs: [[Weekday]] = []
        for weekday in weekdays {
            if let last = runs.last?.last, last.rawValue + 1 == weekday.rawValue {
                runs[runs.count - 1].append(weekday)
            } else {
                runs.append([weekday])
            }
        }
        return runs
    }

    private static func name(_ weekday: Weekday) -> String {
        ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"][weekday.rawValue]
    }
}

extension OpeningHours.TimeSpan {
    fileprivate var text: String {
        // The next day's times up to the beginning are written as people do, 22:00-02:00.
        let isNextDay = end > WallTime.minutesPerDay && end - WallTime.minutesPerDay <= start
        return Self.text(start) + "-" + Self.text(isNextDay ? end - WallTime.minutesPerDay : end)
    }

    private static func text(_ minutes: Int) -> String {
        (minutes / 60).padded(to: 2) + ":" + (minutes % 60).padded(to: 2)
    }
}
