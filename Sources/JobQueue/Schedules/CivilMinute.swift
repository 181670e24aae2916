import Postgres

/// A minute on a wall clock, wherever that hangs: counted from 1970-01-01 00:00 of the same clock.
struct CivilMinute: Hashable, Comparable, Sendable {
    let minutes: Int

    init(minutes: Int) { self.minutes = minutes }

    init(day: CalendarDate, minuteOfDay: Int) { self.minutes = day.days * 1440 + minuteOfDay }

    var day: CalendarDate { CalendarDate(days: minutes.floorDivided(by: 1440)) }

    var minuteOfDay: Int { minutes - day.days * 1440 }

    static func < (left: CivilMinute, right: CivilMinute) -> Bool { left.minutes < right.minutes }
}

extension CivilMinute: CustomStringConvertible {
    /// `2026-03-29 02:30`
    var description: String {
        let (hour, minute) = (minuteOfDay / 60, minuteOfDay % 60)
        return "\(day) \(hour.padded(to: 2)):\(minute.padded(to: 2))"
    }
}

extension Int {
    /// Rounds towards the future.
    func ceilingDivided(by divisor: Int) -> Int { -(-self).floorDivided(by: divisor) }
}
