import FoundationEssentials
import TestSupport
import Testing

@testable import Postgres

@Suite("Codecs without a server")
struct CodecTests {
    private func encoded(_ value: some PostgresEncodable) -> [UInt8] {
        var bytes: [UInt8] = []
        value.encode(into: &bytes)
        return bytes
    }

    private func decoded<Value: PostgresDecodable>(_ bytes: [UInt8], as: Value.Type = Value.self) -> Value? {
        bytes.withUnsafeBytes { Value(postgres: $0) }
    }

    /// Every prefix of the encoding, and the encoding with a byte more, must be refused; the encoding itself comes back.
    private func roundTrip<Value: PostgresCodable & Equatable>(
        _ values: [Value],
        isFixedLength: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for value in values {
            let bytes = encoded(value)
            #expect(decoded(bytes) == value, sourceLocation: sourceLocation)
            guard isFixedLength else { continue }
            for length in 0..<bytes.count {
                #expect(decoded(Array(bytes.prefix(length)), as: Value.self) == nil, sourceLocation: sourceLocation)
            }
            #expect(decoded(bytes + [0], as: Value.self) == nil, sourceLocation: sourceLocation)
        }
    }

    @Test("integers come back, and no other width is read")
    func integers() {
        roundTrip([Int16.min, -1, 0, 1, .max])
        roundTrip([Int32.min, -1, 0, 1, .max])
        roundTrip([Int64.min, -1, 0, 1, .max])
        roundTrip([Int.min, -1, 0, 1, .max], isFixedLength: false)
        #expect(decoded([0xff, 0xfe]) == Int(-2))
        #expect(decoded([0xff, 0xff, 0xff, 0xfd]) == Int(-3))
        #expect(decoded([0, 0, 0], as: Int.self) == nil)
        #expect(encoded(Int32(1)) == [0, 0, 0, 1], "network byte order")
    }

    @Test("booleans are one byte, 0 or 1")
    func booleans() {
        roundTrip([true, false])
        #expect(decoded([2], as: Bool.self) == nil)
    }

    @Test("floating point keeps every bit, also of NaN and negative zero")
    func floatingPoint() {
        let doubles = [0, -0.0, 1, .pi, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        roundTrip(doubles)
        roundTrip(doubles.map { Float($0) })
        #expect(decoded(encoded(Double.nan), as: Double.self)?.isNaN == true)
        #expect(decoded(encoded(-0.0), as: Double.self)?.sign == .minus)
    }

    @Test("text is UTF-8, and what is not is refused")
    func text() {
        roundTrip(["", "a", "嘉善县", "👩‍👩‍👧‍👦", "\u{0}", "\u{10FFFF}"], isFixedLength: false)
        for malformed: [UInt8] in [
            [0xff], [0xc3], [0xe5, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80],
        ] {
            #expect(decoded(malformed, as: String.self) == nil)
        }
    }

    @Test("bytes, UUIDs and JSON come back")
    func others() {
        roundTrip([[], [0], [UInt8](0...255)], isFixedLength: false)
        roundTrip([UUID(), UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))])
        roundTrip([JSONText("{}"), JSONText("\"嘉\"")], isFixedLength: false)
        #expect(decoded([], as: JSONText.self) == nil)
        #expect(decoded(Array("[1]".utf8), as: JSONText.self)?.text == "[1]", "json has no version byte")
    }

    @Test("times come back, infinities included")
    func times() {
        roundTrip([Timestamp(microseconds: 0), Timestamp(microseconds: 1), .distantPast, .distantFuture])
        roundTrip([Day(days: 0), Day(days: .min), Day(days: .max)])
        roundTrip([Interval(microseconds: 0), Interval(microseconds: .min, days: .max, months: -1)])
    }

    @Test("arrays come back, and no truncation of one is read")
    func arrays() {
        for array in [[], [""], ["a", "嘉善", ""]] {
            let bytes = encoded(PostgresArray(array))
            #expect(decoded(bytes, as: PostgresArray<String>.self)?.elements == array)
            for length in 0..<bytes.count {
                #expect(decoded(Array(bytes.prefix(length)), as: PostgresArray<String>.self) == nil)
            }
            #expect(decoded(bytes + [0], as: PostgresArray<String>.self) == nil)
        }
        #expect(
            decoded(encoded(PostgresArray([Int.min, 0, .max])), as: PostgresArray<Int>.self)?.elements == [
                .min, 0, .max,
            ]
        )
        #expect(decoded(encoded(PostgresArray(["a"])), as: PostgresArray<Int32>.self) == nil, "another element type")
    }

    @Test("an array that claims more elements or longer ones than it has is refused")
    func lyingArrays() {
        let header: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23]
        for rest: [UInt8] in [
            [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1], [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1],
            [0, 0, 0, 1, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff], [0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff],
        ] {
            #expect(decoded(header + rest, as: PostgresArray<Int32>.self) == nil)
        }
    }

    @Test("numerics read as their decimal text")
    func numerics() {
        /// count, weight, sign, scale, digits
        func words(_ words: UInt16...) -> [UInt8] { words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] } }
        let table: [(bytes: [UInt8], text: String?)] = [
            (words(0, 0, 0, 0), "0"), (words(0, 0, 0, 2), "0.00"), (words(1, 0, 0, 0, 12), "12"),
            (words(2, 0, 0, 2, 12, 5000), "12.50"), (words(1, 0xffff, 0, 4, 1), "0.0001"),
            (words(1, 0xfffe, 0x4000, 8, 10), "-0.00000010"), (words(1, 1, 0, 0, 1), "10000"),
            (words(0, 0, 0xc000, 0), "NaN"), (words(0, 0, 0xd000, 0), "Infinity"),
            (words(0, 0, 0xf000, 0), "-Infinity"),
            (words(1, 0, 0, 0, 10000), nil), (words(2, 0, 0, 0, 1), nil), (words(0, 0, 0x1234, 0), nil),
            (words(0, 0, 0, 16384), nil), ([0, 0], nil), ([], nil),
        ]
        for row in table { #expect(decoded(row.bytes, as: Numeric.self)?.description == row.text) }
    }

    @Test("random bytes give a value or nothing, never a crash")
    func randomBytes() {
        var random = SplitMix64.announced("random bytes for the codecs")
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            // Half of them begin like an array or a numeric, to get past the first checks.
            if bytes.count > 12, Bool.random(using: &random) {
                bytes.replaceSubrange(0..<4, with: [0, 0, 0, UInt8.random(in: 0...2, using: &random)])
                bytes.replaceSubrange(8..<12, with: [0, 0, 0, [23, 25, 20, 16].randomElement(using: &random) ?? 23])
            }
            decodeAll(bytes)
        }
    }

    private func decodeAll(_ bytes: [UInt8]) {
        _ = decoded(bytes, as: Int16.self)
        _ = decoded(bytes, as: Int32.self)
        _ = decoded(bytes, as: Int64.self)
        _ = decoded(bytes, as: Int.self)
        _ = decoded(bytes, as: Bool.self)
        _ = decoded(bytes, as: Float.self)
        _ = decoded(bytes, as: Double.self)
        _ = decoded(bytes, as: String.self)
        _ = decoded(bytes, as: UUID.self)
        _ = decoded(bytes, as: JSONText.self)
        _ = decoded(bytes, as: Timestamp.self)?.unixSeconds
        _ = decoded(bytes, as: Day.self)
        _ = decoded(bytes, as: Interval.self)
        _ = decoded(bytes, as: Numeric.self)
        _ = decoded(bytes, as: PostgresArray<String>.self)
        _ = decoded(bytes, as: PostgresArray<Int32>.self)
        _ = decoded(bytes, as: PostgresArray<Int>.self)
        _ = decoded(bytes, as: PostgresArray<Bool>.self)
    }
}

@Suite("Values without a server")
struct ValueTests {
    @Test("a timestamp converts from and to Unix seconds")
    func timestamps() {
        #expect(Timestamp(unixSeconds: 946_684_800).microseconds == 0)
        #expect(Timestamp(unixSeconds: 0).microseconds == -946_684_800_000_000)
        #expect(Timestamp(microseconds: 1_500_000).unixSeconds == 946_684_801.5)
        #expect(Timestamp(unixSeconds: 1_700_000_000.123456).unixSeconds == 1_700_000_000.123456)
    }

    @Test("seconds beyond the calendar are an infinity, not a crash")
    func timestampsOutOfRange() {
        #expect(Timestamp(unixSeconds: 1e300) == .distantFuture)
        #expect(Timestamp(unixSeconds: -1e300) == .distantPast)
        #expect(Timestamp(unixSeconds: .infinity) == .distantFuture)
        #expect(Timestamp(unixSeconds: -.infinity) == .distantPast)
        #expect(Timestamp.distantFuture.unixSeconds == .infinity)
        #expect(Timestamp.distantPast.unixSeconds == -.infinity)
    }

    @Test("an interval is made of a duration's microseconds")
    func intervals() {
        #expect(Interval(.milliseconds(1500)) == Interval(microseconds: 1_500_000))
        #expect(Interval(.nanoseconds(1999)) == Interval(microseconds: 1))
        #expect(Interval(.seconds(-2)) == Interval(microseconds: -2_000_000))
        #expect(Interval(.seconds(Int64.max)).microseconds == .max)
        #expect(Interval(.seconds(Int64.min)).microseconds == .min)
    }

    @Test("a statement's identifier depends on its text alone and differs between texts")
    func identifiers() {
        #expect(SQL("a", "SELECT 1").identifier == SQL("b", "SELECT 1").identifier)
        #expect(SQL("a", "").identifier == "s_cbf29ce484222325", "FNV-1a's offset basis")
        #expect(SQL("a", "a").identifier == "s_af63dc4c8601ec8c", "FNV-1a of the letter a")
        let identifiers = Set((0..<10_000).map { SQL("a", "SELECT \($0)").identifier })
        #expect(identifiers.count == 10_000)
        #expect(identifiers.allSatisfy { $0.utf8.count == 18 })
    }

    @Test("a deadline further away than the clock can count is the end of time, not the past")
    func farDeadlines() {
        #expect(Deadline.after(.seconds(1)).ticks > Deadline.now.ticks)
        #expect(Deadline.after(.seconds(1_000_000_000_000)).ticks == .max)
        #expect(Deadline.after(.seconds(-1_000_000_000_000)).ticks == .min)
    }

    @Test("NULL and the empty string are different parameters")
    func parameters() {
        var parameters = Parameters()
        parameters.append("")
        parameters.append(String?.none)
        parameters.append(Int32(7))
        #expect(parameters.types == [25, 25, 23])
        parameters.withPointers { count, _, values, lengths, formats in
            #expect(count == 3)
            #expect(values?[0] != nil && values?[1] == nil)
            #expect(lengths?[0] == 0 && lengths?[2] == 4)
            #expect(formats?[2] == 1)
        }
    }
}
