import Postgres

extension OpeningHours {
    /// Whether it is open at a time, and until when that stays so.
    ///
    /// Where the answer depends on something that nobody knows (a holiday that is not declared yet, school holidays, a
    /// weekend day worked in exchange), it is unknown, but only where it really depends on it.
    ///
    /// - Complexity: O(days until the change), a year at most.
    package func state(at time: WallTime, calendar: HolidayCalendar, makeup: MakeupPolicy = .unknown) -> OpenState {
        var day = DayTimeline(of: time.date, hours: self, calendar: calendar, makeup: makeup)
        let now = day.state(at: time.minute)
        var from = time.minute
        for _ in 0...Self.horizon {
            for minute in day.changes where minute > from {
                guard day.state(at: minute).kind == now.kind else {
                    return OpenState(
                        kind: now.kind,
                        comment: now.comment,
                        until: WallTime(date: day.date, minute: minute)
                    )
                }
            }
            day = DayTimeline(after: day, hours: self, calendar: calendar, makeup: makeup)
            from = -1
        }
        return OpenState(kind: now.kind, comment: now.comment)
    }

    /// Days to look ahead for a change: a year and a day, for seasons.
    private static let horizon = 367

    /// The rules that hold on a day, those that a later one replaces left out.
    func layers(of date: CalendarDate, read reading: DayReading) -> [Rule] {
        var layers: [Rule] = []
        for rule in rules where rule.matches(date, reading) {
            let endsDay = rule.state == .closed && rule.spans.isEmpty && rule.separator != .fallback
            if endsDay || rule.separator == .replacing && rule.state != .closed { layers.removeAll() }
            layers.append(rule)
        }
        return layers
    }

    var mentionsSchoolHolidays: Bool { rules.contains { $0.days.includesSchoolHolidays } }
}

extension OpeningHours.Rule {
    fileprivate func matches(_ date: CalendarDate, _ reading: DayReading) -> Bool {
        (dates.isEmpty || dates.contains { $0.contains(date) }) && days.contains(reading)
    }
}

extension OpeningHours.DaySet {
    fileprivate func contains(_ reading: DayReading) -> Bool {
        guard !isEveryDay else { return true }
        let isHoliday =
            includesPublicHolidays && reading.isPublicHoliday || includesSchoolHolidays && reading.isSchoolHoliday
        let isWeekday = weekdays.contains(reading.weekday)
        return needsBoth ? isHoliday && isWeekday : isHoliday || isWeekday
    }
}

extension OpeningHours.DateRange {
    func contains(_ date: CalendarDate) -> Bool {
        let (year, month, day) = date.components
        guard let first = start.year, let last = end.year else {
            let here = month * 100 + day
            let (from, to) = (start.month * 100 + (start.day ?? 1), end.month * 100 + (end.day ?? 31))
            return from <= to ? (from...to).contains(here) : here >= from || here <= to
        }
        let here = year * 10_000 + month * 100 + day
        let from = first * 10_000 + start.month * 100 + (start.day ?? 1)
        let to = last * 10_000 + end.month * 100 + (end.day ?? 31)
        return from <= here && here <= to
    }
}
