package import Postgres

/// China's public holidays and the weekend days that are worked in exchange, as the State Council declares them each autumn
/// for the year to come.
package struct HolidayCalendar: Sendable, Equatable {
    /// What a decree says of a day.
    package enum Entry: String, Sendable {
        /// A day of a holiday, as the notice lists them, weekends within it included.
        case holiday
        /// A Saturday or Sunday that is worked (调休).
        case makeup
    }

    private let entries: [CalendarDate: Entry]
    /// The years that a decree covers.
    private let declaredYears: Set<Int>

    /// - Parameter declaredYears: the years that a decree covers; of the others only what the law fixes is known.
    package init(entries: [CalendarDate: Entry], declaredYears: Set<Int>) {
        self.entries = entries
        self.declaredYears = declaredYears
    }

    /// A calendar without any decree.
    package static let empty = HolidayCalendar(entries: [:], declaredYears: [])

    /// What may be true of a day, for hours that depend on it. More than one where nobody knows.
    func readings(of date: CalendarDate, makeup: MakeupPolicy) -> [DayReading] {
        let weekday = date.weekday
        switch standing(of: date) {
        case .ordinary: return [DayReading(weekday: weekday)]
        case .holiday: return [DayReading(weekday: weekday, isPublicHoliday: true)]
        case .makeup: return makeup.readings(of: weekday)
        case .undeclared(let season):
            let worked = season.mayBeWorked && weekday.isWeekend ? makeup.readings(of: weekday) : []
            let free = season.mayBeFree ? [DayReading(weekday: weekday, isPublicHoliday: true)] : []
            return [DayReading(weekday: weekday)] + free + worked
        }
    }

    private enum Standing {
        case ordinary
        case holiday
        case makeup
        /// It depends on a decree that is not known.
        case undeclared((mayBeFree: Bool, mayBeWorked: Bool))
    }

    private func standing(of date: CalendarDate) -> Standing {
        switch entries[date] {
        case .holiday: return .holiday
        case .makeup: return .makeup
        case nil: break
        }
        let (year, month, day) = date.components
        // A decree may reach into the last days of the year before (New Year 2023 began on 2022-12-31).
        let decree = month == 12 && day >= 25 && declaredYears.contains(year) ? year + 1 : year
        if declaredYears.contains(decree) { return .ordinary }
        if Self.isFixedByLaw(year: year, month: month, day: day) { return .holiday }
        let here = month * 100 + day
        return .undeclared(
            (Self.free.contains { $0.contains(here) }, Self.exchanged.contains { $0.contains(here) })
        )
    }

    /// The holidays on fixed days by the Regulation on Public Holidays for National Annual Festivals and Memorial Days
    /// (全国年节及纪念日放假办法), as revised in November 2024: May 2 since 2025.
    private static func isFixedByLaw(year: Int, month: Int, day: Int) -> Bool {
        switch (month, day) {
        case (1, 1), (5, 1), (10, 1), (10, 2), (10, 3): true
        case (5, 2): year >= 2025
        default: false
        }
    }

    /// Month and day between which an undeclared year's holidays can fall: the bounds of the lunar festivals and the days
    /// that the notices since 2008 have joined to them.
    private static let free: [ClosedRange<Int>] = [
        1230...1231, 101...103,  // New Year
        119...228,  // Spring Festival: January 21 to February 20
        402...408,  // Qingming: April 4 to 6
        428...507,  // Labour Day
        526...627,  // Dragon Boat Festival: May 28 to June 25
        905...1010,  // Mid-Autumn Festival, September 7 to October 8, and National Day
    ]

    /// The same with the weekends on either side that may be worked in exchange, up to two weeks off.
    private static let exchanged: [ClosedRange<Int>] = [
        1225...1231, 101...310, 325...515, 520...703, 825...1020,
    ]
}

/// What an amenity does on a weekend day that is worked in exchange for a holiday. Offices, banks and schools work as on a
/// weekday; shops mostly keep their weekend.
package enum MakeupPolicy: String, Sendable, CaseIterable {
    case asWeekday = "as_weekday"
    case asWeekend = "as_weekend"
    /// Nobody said; where it matters, the state is unknown.
    case unknown

    /// How such a day may be read. The notices don't say which weekday it stands for.
    func readings(of weekday: Weekday) -> [DayReading] {
        let weekdays = Weekday.allCases.filter { !$0.isWeekend }
        return switch self {
        case .asWeekday: weekdays.map { DayReading(weekday: $0) }
        case .asWeekend: [DayReading(weekday: weekday)]
        case .unknown: (weekdays + [weekday]).map { DayReading(weekday: $0) }
        }
    }
}

/// One way to see a day, as the rules of opening hours look at it.
struct DayReading: Sendable, Hashable {
    var weekday: Weekday
    var isPublicHoliday = false
    var isSchoolHoliday = false
}
