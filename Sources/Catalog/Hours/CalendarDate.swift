/// A day of the Gregorian calendar.
package struct CalendarDate: Sendable, Hashable, Comparable {
    /// Since 1970-01-01.
    package let days: Int

    package init(days: Int) { self.days = days }

    /// `nil` for a day that does not exist, such as February 30.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        // Howard Hinnant's `days_from_civil`: years begin in March, so that leap days end them.
        let marchYear = month <= 2 ? year - 1 : year
        let era = Self.floorDivide(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.init(days: era * 146_097 + dayOfEra - 719_468)
        guard components == (year, month, day) else { return nil }
    }

    /// Howard Hinnant's `civil_from_days`.
    package var components: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    package var weekday: Weekday {
        // 1970-01-01 was a Thursday.
        let index = days + 3 - Self.floorDivide(days + 3, 7) * 7
        return Weekday.allCases[index]
    }

    package func advanced(by days: Int) -> CalendarDate { CalendarDate(days: self.days + days) }

    package static func < (left: CalendarDate, right: CalendarDate) -> Bool { left.days < right.days }

    static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
        (value >= 0 ? value : value - divisor + 1) / divisor
    }
}

/// A day of the week, Monday first.
package enum Weekday: Int, Sendable, CaseIterable {
    case monday
    case tuesday
    case wednesday
    case thursday
    case friday
    case saturday
    case sunday

    package var isWeekend: Bool { self == .saturday || self == .sunday }
}
