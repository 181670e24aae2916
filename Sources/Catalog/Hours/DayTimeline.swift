import Postgres

/// What a day's clock can show: the states of all its minutes, with what the night before left over.
struct DayTimeline {
    typealias State = (kind: OpenState.Kind, comment: String?)

    let date: CalendarDate
    /// The rules of the day before and of the day, once for each way to read the day.
    private let before: [[OpeningHours.Rule]]
    private let own: [[OpeningHours.Rule]]

    init(of date: CalendarDate, hours: OpeningHours, calendar: HolidayCalendar, makeup: MakeupPolicy) {
        self.date = date
        before = Self.layers(of: date.advanced(by: -1), hours, calendar, makeup)
        own = Self.layers(of: date, hours, calendar, makeup)
    }

    init(after day: DayTimeline, hours: OpeningHours, calendar: HolidayCalendar, makeup: MakeupPolicy) {
        date = day.date.advanced(by: 1)
        before = day.own
        own = Self.layers(of: date, hours, calendar, makeup)
    }

    private static func layers(
        of date: CalendarDate,
        _ hours: OpeningHours,
        _ calendar: HolidayCalendar,
        _ makeup: MakeupPolicy
    ) -> [[OpeningHours.Rule]] {
        var readings = calendar.readings(of: date, makeup: makeup)
        // No source has the school holidays of Zhejiang yet.
        if hours.mentionsSchoolHolidays {
            readings += readings.map {
                DayReading(weekday: $0.weekday, isPublicHoliday: $0.isPublicHoliday, isSchoolHoliday: true)
            }
        }
        var layers: [[OpeningHours.Rule]] = []
        for reading in readings {
            let some = hours.layers(of: date, read: reading)
            if !layers.contains(some) { layers.append(some) }
        }
        return layers
    }

    /// The minutes of the day at which the state may change, in order.
    var changes: [Int] {
        var minutes: Set<Int> = [0]
        for span in own.joined().flatMap(\.spans) { minutes.formUnion([span.start, span.end]) }
        for span in before.joined().flatMap(\.spans) {
            minutes.formUnion([span.start - WallTime.minutesPerDay, span.end - WallTime.minutesPerDay])
        }
        return minutes.filter { (0..<WallTime.minutesPerDay).contains($0) }.sorted()
    }

    /// The state of a minute on which all readings agree; unknown where they don't.
    func state(at minute: Int) -> State {
        var agreed: State?
        for layers in before {
            let night = Self.paint(layers, over: (.closed, nil), at: minute + WallTime.minutesPerDay)
            for layers in own {
                let state = Self.paint(layers, over: night, at: minute)
                guard let earlier = agreed else {
                    agreed = state
                    continue
                }
                guard earlier.kind == state.kind else { return (.unknown, nil) }
                if earlier.comment != state.comment { agreed = (state.kind, nil) }
            }
        }
        return agreed ?? (.closed, nil)
    }

    /// Applies a day's rules in order.
    ///
    /// - Parameter night: what the day before left over, which only a rule with times takes away.
    private static func paint(_ layers: [OpeningHours.Rule], over night: State, at minute: Int) -> State {
        var state = night
        for rule in layers {
            let isWholeDay = rule.spans.isEmpty
            guard isWholeDay ? minute < WallTime.minutesPerDay : rule.spans.contains(where: { $0.contains(minute) })
            else {
                continue
            }
            if rule.separator == .fallback, state.kind != .closed { continue }
            state = isWholeDay && rule.state == .closed && night.kind != .closed ? night : (rule.state, rule.comment)
        }
        return state
    }
}
