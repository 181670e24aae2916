/// A day of the Gregorian calendar, counted from 1970-01-01. ``Day`` is the same as PostgreSQL counts it.
package struct CalendarDate: Sendable, Hashable, Comparable {
    /// Since 1970-01-01.
    package let days: Int

    package init(days: Int) { self.days = days }

    package init(_ day: Day) { self.init(days: Int(day.days) + 10_957) }

    /// `nil` for a day that does not exist, such as February 30.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        // Howard Hinnant's `days_from_civil` (chrono-Compatible Low-Level Date Algorithms): years begin in March, so that
        // leap days end them.
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.floorDivided(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(days: era * 146_097 + dayOfEra - 719_468)
        guard components == (year, month, day) else { return nil }
    }

    /// Howard Hinnant's `civil_from_days`.
    package var components: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    /// 0 is Sunday. 1970-01-01 was a Thursday.
    package var dayOfWeek: Int { days + 4 - (days + 4).floorDivided(by: 7) * 7 }

    package func advanced(by days: Int) -> CalendarDate { CalendarDate(days: self.days + days) }

    package static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }
}

extension CalendarDate: CustomStringConvertible {
    /// `2026-03-29`
    package var description: String {
        let (year, month, day) = components
        return "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))"
    }
}

extension Int {
    /// Rounds towards the past, as calendars need it before 1970.
    package func floorDivided(by divisor: Int) -> Int { (self >= 0 ? self : self - divisor + 1) / divisor }

    /// The digits, with zeros in front where there are fewer than that.
    package func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}
