/// An instant as PostgreSQL keeps it: microseconds since 2000-01-01 00:00 UTC. `Int64.min` and `.max` are -infinity and
/// infinity. Kept as an integer, since a `Double` of seconds loses the last digits.
package struct Timestamp: PostgresArrayElement, Hashable, Comparable {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// From seconds since 1970-01-01 00:00 UTC; what is beyond the range becomes an infinity.
    package init(unixSeconds: Double) {
        guard let sinceUnix = Int64(exactly: (unixSeconds * 1_000_000).rounded()) else {
            self = unixSeconds < 0 ? .distantPast : .distantFuture
            return
        }
        let (value, isBeyond) = sinceUnix.subtractingReportingOverflow(Self.epochOffset)
        self.microseconds = isBeyond ? .min : value
    }

    /// Seconds since 1970-01-01 00:00 UTC.
    package var unixSeconds: Double {
        switch self {
        case .distantPast: return -.infinity
        case .distantFuture: return .infinity
        default:
            let (value, isBeyond) = microseconds.addingReportingOverflow(Self.epochOffset)
            return (isBeyond ? Double(microseconds) + Double(Self.epochOffset) : Double(value)) / 1_000_000
        }
    }

    package static let distantPast = Timestamp(microseconds: .min)
    package static let distantFuture = Timestamp(microseconds: .max)

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// Microseconds from 1970-01-01 to 2000-01-01.
    private static let epochOffset: Int64 = 946_684_800_000_000

    package static var postgresType: UInt32 { TypeOID.timestamptz }
    package static var postgresArrayType: UInt32 { 1185 }
    package func encode(into bytes: inout [UInt8]) { microseconds.appendBigEndian(to: &bytes) }
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        guard let value = Int64(bigEndian: bytes) else { return nil }
        self.init(microseconds: value)
    }
}

/// A calendar day: days since 2000-01-01.
package struct Day: PostgresArrayElement, Hashable, Comparable {
    package let days: Int32

    package init(days: Int32) { self.days = days }

    package static func < (left: Day, right: Day) -> Bool { left.days < right.days }

    package static var postgresType: UInt32 { TypeOID.date }
    package static var postgresArrayType: UInt32 { 1182 }
    package func encode(into bytes: inout [UInt8]) { days.appendBigEndian(to: &bytes) }
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        guard let value = Int32(bigEndian: bytes) else { return nil }
        self.init(days: value)
    }
}

/// A span of time, with months and days apart since their length varies.
package struct Interval: PostgresCodable, Hashable {
    package let microseconds: Int64
    package let days: Int32
    package let months: Int32

    package init(microseconds: Int64, days: Int32 = 0, months: Int32 = 0) {
        self.microseconds = microseconds
        self.days = days
        self.months = months
    }

    /// A span of seconds and their fractions only, as long as there are microseconds to count it.
    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isBeyond) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        self.init(microseconds: isTooLong || isBeyond ? (seconds < 0 ? .min : .max) : sum)
    }

    package static var postgresType: UInt32 { TypeOID.interval }
    package func encode(into bytes: inout [UInt8]) {
        microseconds.appendBigEndian(to: &bytes)
        days.appendBigEndian(to: &bytes)
        months.appendBigEndian(to: &bytes)
    }
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        self.init(
            microseconds: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)),
            days: Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self)),
            months: Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int32.self))
        )
    }
}
