package import Postgres

/// What the clock on the wall of an amenity shows, to the minute.
///
/// Every park lies in Zhejiang, and all of China keeps UTC+8 without summer time since 1991-09-15 (tz database,
/// Asia/Shanghai). So one constant stands for the zone, whatever the zone of the caller or of the machine.
package struct WallTime: Sendable, Hashable, Comparable {
    /// Since 1970-01-01 00:00 on that wall.
    package let minutes: Int

    package init(minutes: Int) { self.minutes = minutes }

    package init(date: CalendarDate, minute: Int) { self.init(minutes: date.days * Self.minutesPerDay + minute) }

    /// The minute that an instant falls in; instants outside the years 1 to 9999 count as their edge.
    package init(_ instant: Timestamp) {
        let seconds = min(max(instant.unixSeconds, -6.2e10), 2.5e11)
        self.init(minutes: Int((seconds / 60).rounded(.down)) + Self.offset)
    }

    package var date: CalendarDate { CalendarDate(days: minutes.floorDivided(by: Self.minutesPerDay)) }

    /// Of the day, 0..<1440.
    package var minute: Int { minutes - date.days * Self.minutesPerDay }

    package var instant: Timestamp { Timestamp(unixSeconds: Double(minutes - Self.offset) * 60) }

    /// As RFC 3339 has it, with the zone's offset.
    package var text: String {
        "\(date)T\((minute / 60).padded(to: 2)):\((minute % 60).padded(to: 2)):00+08:00"
    }

    package static func < (left: WallTime, right: WallTime) -> Bool { left.minutes < right.minutes }

    package static let minutesPerDay = 1440
    /// Minutes east of Greenwich.
    static let offset = 480
}

extension WallTime {
    /// What a caller is told who gives something else.
    package static let expectation =
        "now, an RFC 3339 time such as 2026-10-10T09:30:00+08:00, or one without a zone, which is read in the park's"

    /// Reads an RFC 3339 time; one without a zone is read in the zone of the parks. The years go from 1970 to 2199.
    package init?(parsing text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), (1970...2199).contains(year),
            let date = CalendarDate(year: year, month: month, day: day),
            scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(2), scanner.skip(":"), let minute = scanner.number(2), hour < 24, minute < 60
        else { return nil }
        // Seconds don't matter: hours change on the minute. A leap second is one all the same.
        if scanner.skip(":") {
            guard let second = scanner.number(2), second <= 60, !scanner.skip(".") || scanner.digits() else {
                return nil
            }
        }
        guard let offset = Self.offset(in: &scanner), scanner.isAtEnd else { return nil }
        self.init(date: date, minute: hour * 60 + minute - offset + Self.offset)
    }

    private static func offset(in scanner: inout DigitScanner) -> Int? {
        if scanner.isAtEnd { return Self.offset }
        if scanner.skip("Z") || scanner.skip("z") { return 0 }
        let isWest = scanner.skip("-")
        guard isWest || scanner.skip("+"), let hours = scanner.number(2), scanner.skip(":"),
            let minutes = scanner.number(2), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }
}

/// Reads digits of a fixed number.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func number(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Skips one digit and all that follow it.
    mutating func digits() -> Bool {
        let count = rest.prefix { (0x30...0x39).contains($0) }.count
        rest = rest.dropFirst(count)
        return count > 0
    }
}
