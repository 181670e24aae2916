/// A minute on a wall clock, wherever that hangs: counted from 1970-01-01 00:00 of the same clock.
struct CivilMinute: Hashable, Comparable, Sendable {
    let minutes: Int

    init(minutes: Int) { self.minutes = minutes }

    init(day: CivilDay, minuteOfDay: Int) { self.minutes = day.days * 1440 + minuteOfDay }

    var day: CivilDay { CivilDay(days: minutes.floorDivided(by: 1440)) }

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

/// A day of the Gregorian calendar, counted from 1970-01-01.
struct CivilDay: Hashable, Sendable {
    let days: Int

    init(days: Int) { self.days = days }

    /// Howard Hinnant's `civil_from_days` (chrono-Compatible Low-Level Date Algorithms): it counts in eras of 400 years
    /// that begin on 1 March, so that the leap day is the last of its year.
    var date: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// 0 is Sunday. 1970-01-01 was a Thursday.
    var weekday: Int { (days + 4) - (days + 4).floorDivided(by: 7) * 7 }
}

extension CivilDay: CustomStringConvertible {
    var description: String {
        let date = date
        return "\(date.year.padded(to: 4))-\(date.month.padded(to: 2))-\(date.day.padded(to: 2))"
    }
}

extension Int {
    /// Rounds towards the past, as calendars need it before 1970.
    func floorDivided(by divisor: Int) -> Int { (self >= 0 ? self : self - divisor + 1) / divisor }

    /// Rounds towards the future.
    func ceilingDivided(by divisor: Int) -> Int { -(-self).floorDivided(by: divisor) }

    func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
