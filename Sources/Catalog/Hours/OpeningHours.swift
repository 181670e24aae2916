/// Opening hours in the syntax of OpenStreetMap's `opening_hours` (specification 0.7.2), as far as amenities need it.
///
/// Understood: weekdays and their ranges, `PH` and `SH`, months and dates with or without a year, several spans a day,
/// spans over midnight (also written 22:00-26:00), `24/7`, `open`, `off`, `closed`, `unknown`, comments, and the three
/// separators of rules (`;` replaces the day, `,` adds to it, `||` fills what is closed). Refused with a reason: open ends
/// (17:00+), single times, sunrise and its like, week numbers, the nth weekday of a month, Easter, offsets of days.
///
/// What is decided here where the specification or its implementations leave it open:
/// - A rule for a day decides which spans *begin* on that day. The night before runs to its end: with
///   `Mo-Su 17:00-02:00; PH off` the bar that opened on the eve closes at 02:00 of the holiday, not at midnight. (Both
///   opening_hours.js and opening-hours-rs cut it; a wrong "closed" is worse than none.) An `off` with times cuts the night
///   too, since it names the hours.
/// - A comment without a state means unknown, as in opening_hours.js: "by appointment" is no promise.
/// - `||` fills in wherever the rules before leave the minute closed, as in opening_hours.js.
/// - A weekday's rule holds on public holidays too unless a rule for `PH` says otherwise.
package struct OpeningHours: Sendable, Equatable {
    let rules: [Rule]

    struct Rule: Sendable, Equatable {
        /// How the rule relates to those before it.
        var separator: Separator
        var dates: [DateRange] = []
        var days = DaySet()
        /// Empty: the whole day.
        var spans: [TimeSpan] = []
        var state: OpenState.Kind = .open
        var comment: String?
    }

    enum Separator: String, Sendable {
        /// An open rule replaces what the rules before say of a day that it holds on; `off` takes away.
        case replacing = "; "
        case adding = ", "
        case fallback = " || "
    }

    /// Minutes from the midnight at which the day begins; `end` may lie in the next day, up to 2880.
    struct TimeSpan: Sendable, Equatable {
        let start: Int
        let end: Int

        func contains(_ minute: Int) -> Bool { start <= minute && minute < end }
    }

    /// Which days of the week and which holidays; empty stands for every day.
    struct DaySet: Sendable, Equatable {
        var weekdays: [Weekday] = []
        var includesPublicHolidays = false
        var includesSchoolHolidays = false
        /// Whether a day must be both, as in `SH Mo-Fr`; else either is enough, as in `Sa,PH`.
        var needsBoth = false

        var hasHolidays: Bool { includesPublicHolidays || includesSchoolHolidays }
        var isEveryDay: Bool { weekdays.isEmpty && !hasHolidays }
    }

    /// From a day of the year to another, both included; it may run over New Year.
    struct DateRange: Sendable, Equatable {
        let start: DayOfYear
        let end: DayOfYear
    }

    struct DayOfYear: Sendable, Equatable {
        /// `nil`: of every year.
        let year: Int?
        let month: Int
        /// `nil`: the whole month.
        let day: Int?
    }
}

/// Whether an amenity is open.
package struct OpenState: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case open
        case closed
        case unknown
    }

    package let kind: Kind
    /// What the hours say about it, such as "by appointment".
    package let comment: String?
    /// When it is something else; `nil` where that is more than a year away or never.
    package let until: WallTime?

    package init(kind: Kind, comment: String? = nil, until: WallTime? = nil) {
        self.kind = kind
        self.comment = comment
        self.until = until
    }

    /// Of an amenity whose hours nobody knows.
    package static let unknown = OpenState(kind: .unknown)
}

/// Why hours were not understood. They are kept as a note then, and the state is unknown.
package struct OpeningHoursError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Characters before the place.
    package let offset: Int
    /// What is wrong there, in plain words.
    package let reason: String

    package init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "at character \(offset + 1): \(reason)" }
}
