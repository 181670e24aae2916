import TestSupport
import Testing

@testable import Postgres

private struct WrongType: OneRow {
    static let sql = SQL("wrong_type", "SELECT 1::int8, 2::int8")
    static func decode(_ row: inout RowReader) throws(PostgresError) -> String {
        _ = try row.next(Int.self)
        return try row.next()
    }
}

private struct TooFewColumns: OneRow {
    static let sql = SQL("too_few_columns", "SELECT 1::int8")
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int {
        try row.next(Int.self) + row.next(Int.self)
    }
}

private struct UnexpectedNull: OneRow {
    static let sql = SQL("unexpected_null", "SELECT NULL::int8")
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

/// As many rows as asked for, where one is expected.
private struct One: OneRow {
    static let sql = SQL("one", "SELECT n FROM generate_series(1, $1::int8) n")
    let rows: Int
    func bind(to parameters: inout Parameters) { parameters.append(rows) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

private struct AtMostOne: OptionalRow {
    static let sql = SQL("at_most_one", "SELECT n FROM generate_series(1, $1::int8) n")
    let rows: Int
    func bind(to parameters: inout Parameters) { parameters.append(rows) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

private struct AnyNumber: ManyRows {
    static let sql = SQL("any_number", "SELECT n FROM generate_series(1, $1::int8) n")
    let rows: Int
    func bind(to parameters: inout Parameters) { parameters.append(rows) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

private struct Affect: Command {
    static let sql = SQL("affect", "UPDATE affected SET id = id WHERE id <= $1::int8")
    let upTo: Int
    func bind(to parameters: inout Parameters) { parameters.append(upTo) }
}

@Suite("A result that does not fit its declaration", .needsServer, .database, .timeLimit(.minutes(1)))
struct DecodingTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    private func decodingFailure(_ statement: some Statement) async throws -> DecodingFailure {
        try await database.withPool(leased: 1) { pool in
            let error = try await failure { try await pool.execute(statement, until: .far) }
            let failure = try #require(error.decoding, "\(error)")
            let one = try await pool.execute(One(rows: 1), until: .far)
            #expect(one == 1, "the session goes on")
            return failure
        }
    }

    @Test("names the statement, the column and both types")
    func wrongType() async throws {
        let failure = try await decodingFailure(WrongType())
        #expect(failure.statement == "wrong_type")
        #expect(failure.column == 2)
        #expect(failure.reason == "type 20 where String was expected")
    }

    @Test("is refused when a column is missing")
    func tooFewColumns() async throws {
        let failure = try await decodingFailure(TooFewColumns())
        #expect(failure.statement == "too_few_columns" && failure.column == 2)
    }

    @Test("is refused when NULL comes where a value must be")
    func unexpectedNull() async throws {
        let failure = try await decodingFailure(UnexpectedNull())
        #expect(failure.statement == "unexpected_null" && failure.column == 1)
        #expect(failure.reason.contains("NULL"))
    }

    @Test("is refused when one row was promised", arguments: [0, 2])
    func oneRow(_ rows: Int) async throws {
        let failure = try await decodingFailure(One(rows: rows))
        #expect(failure.statement == "one" && failure.reason == "\(rows) rows instead of one row")
    }

    @Test("is refused when at most one row was promised")
    func optionalRow() async throws {
        #expect(try await decodingFailure(AtMostOne(rows: 2)).statement == "at_most_one")
    }

    @Test("while those that fit give none, one or many rows, or a count")
    func fitting() async throws {
        try await database.withPool(leased: 1) { pool in
            #expect(try await pool.execute(AtMostOne(rows: 0), until: .far) == nil)
            #expect(try await pool.execute(AtMostOne(rows: 1), until: .far) == 1)
            #expect(try await pool.execute(AnyNumber(rows: 0), until: .far) == [])
            #expect(try await pool.execute(AnyNumber(rows: 3), until: .far) == [1, 2, 3])
            try await pool.run("CREATE TABLE affected AS SELECT n AS id FROM generate_series(1, 5) n")
            #expect(try await pool.execute(Affect(upTo: 3), until: .far) == 3)
            #expect(try await pool.execute(Affect(upTo: 0), until: .far) == 0)
        }
    }
}
