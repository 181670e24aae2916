/// Hours as an amenity has them: the expression as given, and what is done on weekend days worked in exchange.
struct Schedule: Sendable, Hashable {
    let makeup: MakeupPolicy
    let expression: String

    /// Reads the form in which statements return and take schedules: policy, space, expression.
    ///
    /// `nil` for an empty text, which stands for no hours.
    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let makeup = MakeupPolicy(rawValue: String(parts[0])) else { return nil }
        self.makeup = makeup
        expression = String(parts[1])
    }

    var text: String { makeup.rawValue + " " + expression }

    /// The state at a time; unknown where the expression is only a note.
    func state(at clock: HolidayClock) -> OpenState {
        guard let hours = try? OpeningHours(parsing: expression) else { return .unknown }
        return hours.state(at: clock.time, calendar: clock.calendar, makeup: makeup)
    }
}

/// A time with the holidays around it.
struct HolidayClock: Sendable {
    let time: WallTime
    let calendar: HolidayCalendar
}
