import TestSupport
import Testing

@testable import Postgres

/// Statements that travel with a transaction's `BEGIN`.
@Suite("What a transaction begins with", .needsServer, .database, .timeLimit(.minutes(1)))
struct OpeningTests {
    let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    @Test("holds for the one statement of a read, which may not write, and is gone after it")
    func read() async throws {
        try await database.withPool(leased: 1) { pool in
            let first = try await pool.read(ReadSetting(), after: SetLocally(word: "a"), until: .far)
            #expect(first.word == "a" && first.isReadOnly)
            let next = try await pool.execute(ReadSetting(), until: .far)
            #expect(next.word == "" && !next.isReadOnly)
        }
    }

    @Test(
        "when it or the statement after it fails, the connection is lent again without a trace",
        arguments: [true, false]
    )
    func failure(isFirst: Bool) async throws {
        try await database.withPool(leased: 1) { pool in
            let process = try await pool.withSession(until: .far) { $0.processID }
            await #expect(throws: PostgresError.self) {
                if isFirst {
                    _ = try await pool.read(ReadSetting(), after: Fail(), until: .far)
                } else {
                    _ = try await pool.read(Fail(), after: SetLocally(word: "b"), until: .far)
                }
            }
            #expect(try await pool.execute(ReadSetting(), until: .far).word == "")
            #expect(try await pool.withSession(until: .far) { $0.processID } == process)
        }
    }

    @Test("holds for all of a transaction, until its end")
    func transaction() async throws {
        try await database.withPool(leased: 1) { pool in
            let words = try await pool.withTransaction(until: .far, first: SetLocally(word: "c")) { tx in
                [try await tx.execute(ReadSetting()).word, try await tx.execute(ReadSetting()).word]
            }
            #expect(words == ["c", "c"])
            #expect(try await pool.execute(ReadSetting(), until: .far).word == "")
        }
    }

    @Test("travels with the last statement of a transaction whose body asks nothing")
    func lastOnly() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.run("CREATE TABLE said (word text)")
            try await pool.withTransaction(until: .far, first: SetLocally(word: "d"), last: KeepSetting()) { _ in }
            #expect(try await pool.value("SELECT word FROM said", as: String.self) == "d")
        }
    }

    private struct KeepSetting: Command {
        static let sql = SQL("keep_setting", "INSERT INTO said VALUES (current_setting('test.said'))")
    }
}
