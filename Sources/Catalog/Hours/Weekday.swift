package import Postgres

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

extension CalendarDate {
    package var weekday: Weekday { Weekday.allCases[(dayOfWeek + 6) % 7] }
}
