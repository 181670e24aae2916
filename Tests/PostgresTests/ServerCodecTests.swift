import FoundationEssentials
import TestSupport
import Testing

@testable import Postgres

/// One value on its way through the server: sent in binary and shown as text, and parsed from text and read in binary.
private struct Sample<Value: PostgresCodable & Equatable>: Sendable {
    let value: Value
    let text: String?

    init(_ value: Value, _ text: String?) {
        self.value = value
        self.text = text
    }
}

@Suite("Codecs against the server", .needsServer, .database, .timeLimit(.minutes(1)))
struct ServerCodecTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    private func check<Value: PostgresCodable & Equatable>(_ type: String, _ samples: [Sample<Value>]) async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { session in
                for sample in samples {
                    let shown = try await session.ask("SELECT ($1::\(type))::text", sample.value, String.self)
                    if let text = sample.text { #expect(shown == text) }
                    let read = try await session.ask("SELECT ($1::text)::\(type)", sample.text ?? shown, Value.self)
                    #expect(read == sample.value, "\(type) \(shown)")
                    let echoed = try await session.ask("SELECT $1::\(type)", sample.value, Value.self)
                    #expect(echoed == sample.value, "\(type) \(shown)")
                }
            }
        }
    }

    @Test("integers at their ends")
    func integers() async throws {
        try await check("int2", [Sample(Int16.min, "-32768"), Sample(0, "0"), Sample(.max, "32767")])
        try await check("int4", [Sample(Int32.min, "-2147483648"), Sample(-1, "-1"), Sample(.max, "2147483647")])
        try await check("int8", [Sample(Int64.min, "-9223372036854775808"), Sample(.max, "9223372036854775807")])
        try await check("int8", [Sample(Int.min, "-9223372036854775808"), Sample(.max, "9223372036854775807")])
        try await check("bool", [Sample(true, "true"), Sample(false, "false")])
    }

    @Test("floating point with its infinities")
    func floatingPoint() async throws {
        try await check(
            "float8",
            [
                Sample(0.1, "0.1"), Sample(-0.0, "-0"), Sample(.infinity, "Infinity"), Sample(-.infinity, "-Infinity"),
                Sample(.greatestFiniteMagnitude, "1.7976931348623157e+308"), Sample(.leastNonzeroMagnitude, "5e-324"),
            ]
        )
        try await check("float4", [Sample(Float(0.1), "0.1"), Sample(.infinity, "Infinity")])
        let isNaN = try await database.withPool { pool in
            try await pool.withSession(until: .far) { session in
                let shown = try await session.ask("SELECT ($1::float8)::text", Double.nan, String.self)
                #expect(shown == "NaN")
                return try await session.value("SELECT 'NaN'::float8", as: Double.self).isNaN
            }
        }
        #expect(isNaN)
    }

    @Test("text of every plane, and bytes of every value")
    func text() async throws {
        let texts = ["", " ", "it's", "嘉善县人民医院", "👩‍👩‍👧‍👦🏳️‍🌈", "\u{1}\u{7f}\u{10FFFD}", String(repeating: "长", count: 70_000)]
        try await check("text", texts.map { Sample($0, $0) })
        try await check("bytea", [Sample([], "\\x"), Sample([UInt8](0...255), nil), Sample([0], "\\x00")])
    }

    @Test("U+0000 in a text is refused by the server, and the session goes on")
    func zeroCharacter() async throws {
        try await database.withPool(leased: 1) { pool in
            let error = try await failure { try await pool.execute(EchoText(text: "a\u{0}b"), until: .far) }
            #expect(error.sqlState?.rawValue == "22021")
            #expect(error.server?.statement == "echo_text")
            #expect(try await pool.execute(EchoText(text: "ab"), until: .far) == "ab")
        }
    }

    @Test("UUIDs and JSON")
    func others() async throws {
        let text = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
        let uuid = try #require(UUID(uuidString: text))
        try await check("uuid", [Sample(uuid, text)])
        try await check(
            "jsonb",
            [Sample(JSONText("{\"a\": [1, null, \"嘉\"]}"), nil), Sample(JSONText("null"), "null")]
        )
        let json = try await database.withPool { try await $0.value("SELECT '[1,  2]'::json", as: JSONText.self) }
        #expect(json.text == "[1,  2]", "json keeps its spaces")
    }

    @Test("instants, days and intervals")
    func times() async throws {
        try await check(
            "timestamptz",
            [
                Sample(Timestamp(microseconds: 0), "2000-01-01 00:00:00+00"),
                Sample(Timestamp(microseconds: 1), "2000-01-01 00:00:00.000001+00"),
                Sample(Timestamp(microseconds: -1), "1999-12-31 23:59:59.999999+00"),
                Sample(Timestamp(unixSeconds: 0), "1970-01-01 00:00:00+00"),
                Sample(.distantPast, "-infinity"), Sample(.distantFuture, "infinity"),
                Sample(Timestamp(microseconds: 9_223_371_331_199_999_999), "294276-12-31 23:59:59.999999+00"),
            ]
        )
        try await check(
            "date",
            [
                Sample(Day(days: 0), "2000-01-01"), Sample(Day(days: -1), "1999-12-31"),
                Sample(Day(days: 60), "2000-03-01"),
                Sample(Day(days: .min), "-infinity"), Sample(Day(days: .max), "infinity"),
            ]
        )
        try await check(
            "interval",
            [
                Sample(Interval(microseconds: 0), "00:00:00"), Sample(Interval(microseconds: 1), "00:00:00.000001"),
                Sample(Interval(microseconds: -3_600_000_000, days: 2, months: 14), "1 year 2 mons 2 days -01:00:00"),
            ]
        )
    }

    @Test(
        "numerics keep every digit",
        arguments: [
            "0", "0.00", "1", "-1", "12.50", "0.0001", "0.000100", "-0.00000000000000000001", "9999", "10000",
            "100000000",
            "99999999.99999999", "123456789012345678901234567890.123456789012345678901234567890", "NaN", "Infinity",
            "-Infinity", "1" + String(repeating: "0", count: 500), "0." + String(repeating: "0", count: 300) + "1",
        ]
    )
    func numerics(_ text: String) async throws {
        let read = try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) {
                try await $0.ask("SELECT ($1::text)::numeric", text, Numeric.self)
            }
        }
        #expect(read.description == text)
    }

    @Test("arrays, empty ones and such with characters that an array's text would quote")
    func arrays() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { session in
                for texts in [[], [""], ["嘉善", "a,b", "{}", "\"\\", "NULL"]] {
                    let count = try await session.ask(
                        "SELECT coalesce(cardinality($1::text[]), -1)",
                        PostgresArray(texts),
                        Int.self
                    )
                    #expect(count == texts.count)
                    let echoed = try await session.ask(
                        "SELECT $1::text[]",
                        PostgresArray(texts),
                        PostgresArray<String>.self
                    )
                    #expect(echoed.elements == texts)
                }
                let numbers = [Int32.min, 0, .max]
                let shown = try await session.ask("SELECT ($1::int4[])::text", PostgresArray(numbers), String.self)
                #expect(shown == "{-2147483648,0,2147483647}")
                let read = try await session.value("SELECT '{}'::int8[]", as: PostgresArray<Int64>.self)
                #expect(read.elements.isEmpty)
                let found = try await session.ask("SELECT 'b' = any($1::text[])", PostgresArray(["a", "b"]), Bool.self)
                #expect(found)
            }
        }
    }

    @Test("arrays with NULLs in them, as parameters")
    func sparseArrays() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { session in
                let texts = PostgresSparseArray(["", nil, "NULL", "嘉善"])
                let shownTexts = try await session.ask("SELECT $1::text[]::text", texts, String.self)
                #expect(shownTexts == #"{"",NULL,"NULL",嘉善}"#)
                let numbers = PostgresSparseArray<Int16>([nil, nil])
                let shownNumbers = try await session.ask("SELECT $1::int2[]::text", numbers, String.self)
                #expect(shownNumbers == "{NULL,NULL}")
                let none = PostgresSparseArray<Timestamp>([])
                let shownNone = try await session.ask("SELECT $1::timestamptz[]::text", none, String.self)
                #expect(shownNone == "{}")
                let json = PostgresArray([JSONText("{}"), JSONText("[1]")])
                let shownJSON = try await session.ask("SELECT $1::jsonb[]::text", json, String.self)
                #expect(shownJSON == #"{"{}",[1]}"#)
            }
        }
    }

    @Test("an array with a NULL or two dimensions is a decoding error", arguments: ["'{1,NULL}'", "'{{1},{2}}'"])
    func unreadableArrays(_ literal: String) async throws {
        let error = try await database.withPool { pool in
            try await failure { try await pool.value("SELECT \(literal)::int4[]", as: PostgresArray<Int32>.self) }
        }
        #expect(error.decoding?.column == 1)
    }

    @Test("NULL and the empty string stay apart, both ways")
    func null() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { session in
                let sent = try await session.ask("SELECT $1::text IS NULL", String?.none, Bool.self)
                #expect(sent)
                let empty = try await session.ask("SELECT $1::text = ''", "", Bool.self)
                #expect(empty)
                let read = try await session.command(SQL("test", "SELECT NULL::text, ''::text")).row(0) {
                    row throws(PostgresError) in
                    (try row.nextIfPresent(String.self), try row.nextIfPresent(String.self))
                }
                #expect(read.0 == nil && read.1 == "")
            }
        }
    }
}

extension Session {
    /// Runs a prepared statement of a test with one parameter.
    func ask<Value: PostgresDecodable>(
        _ text: String,
        _ parameter: (some PostgresEncodable)?,
        _: Value.Type
    ) async throws -> Value {
        var parameters = Parameters()
        parameters.append(parameter)
        let command = PipelineCommand(sql: SQL("ask", text), parameters: parameters, isPrepared: true)
        let results = try await connection.submit([command], effect: .commits, until: deadline).get()
        return try Rows(result: results[0], statement: "ask").row(0) { row throws(PostgresError) in try row.next() }
    }
}
