import Postgres

/// An instant in UTC as RFC 3339 has it, to the millisecond.
struct CivilTime {
    let text: String

    init(unixSeconds: Double) {
        let milliseconds = Int((unixSeconds * 1000).rounded(.down))
        let date = CalendarDate(days: milliseconds.floorDivided(by: Self.day))
        let time = milliseconds - date.days * Self.day
        let parts = [time / 3_600_000, time / 60_000 % 60, time / 1000 % 60].map { $0.padded(to: 2) }
        text = "\(date)T\(parts.joined(separator: ":")).\((time % 1000).padded(to: 3))Z"
    }

    /// In milliseconds.
    private static let day = 86_400_000
}
