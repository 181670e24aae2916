import TestSupport
import Testing

@testable import Postgres

private struct ReadChanging: OneRow {
    static let sql = SQL("read_changing", "SELECT * FROM changing")
    static let route = Route.shared
    static func decode(_ row: inout RowReader) throws(PostgresError) -> String {
        do {
            return "\(try row.next(Int.self))"
        } catch {
            return "not an integer"
        }
    }
}

@Suite("A prepared statement", .needsServer, .timeLimit(.minutes(1)))
struct PreparedStatementTests {
    /// A session on a connection with `EchoText`, `Sleep` and the changing statement prepared.
    private func withPrepared(_ body: (Pool, Session) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.withPool(shared: 1, leased: 2) { pool in
                try await pool.run("CREATE TABLE changing AS SELECT 1::int8 AS id")
                try await pool.withSession(until: .far) { session in
                    _ = try await session.execute(EchoText(text: "a"))
                    _ = try await session.execute(Sleep(seconds: 0))
                    #expect(try await session.execute(ReadChanging()) == "1")
                    try await body(pool, session)
                }
            }
        }
    }

    private func changeType(_ pool: Pool) async throws {
        try await pool.run("ALTER TABLE changing ALTER COLUMN id TYPE text")
    }

    @Test("deallocated behind our back is prepared again", arguments: ["DEALLOCATE ALL", "DISCARD ALL"])
    func deallocated(_ command: String) async throws {
        try await withPrepared { _, session in
            try await session.run(command)
            #expect(try await session.execute(EchoText(text: "b")) == "b")
            #expect(try await session.execute(Sleep(seconds: 0)) == 0)
            #expect(try await session.execute(EchoText(text: "c")) == "c")
        }
    }

    @Test("deallocated alone leaves the others prepared")
    func deallocatedAlone() async throws {
        try await withPrepared { _, session in
            try await session.run("DEALLOCATE \(EchoText.sql.identifier)")
            #expect(try await session.execute(EchoText(text: "b")) == "b")
            #expect(try await session.execute(Sleep(seconds: 0)) == 0)
            #expect(try await session.execute(ReadChanging()) == "1")
        }
    }

    @Test("deallocated before a batch fails that batch, and the next one works")
    func deallocatedBeforeBatch() async throws {
        try await withPrepared { _, session in
            try await session.run("DEALLOCATE ALL")
            let error = try await failure { try await session.pipeline(EchoText(text: "b"), Sleep(seconds: 0)) }
            #expect(error.sqlState == .invalidStatementName)
            let (text, slept) = try await session.pipeline(EchoText(text: "c"), Sleep(seconds: 0))
            #expect(text == "c" && slept == 0)
        }
    }

    @Test("deallocated inside a transaction fails that transaction, and the next one works")
    func deallocatedInTransaction() async throws {
        try await withPrepared { pool, session in
            let error = try await failure {
                try await session.transaction(.readCommitted) { tx in
                    try await tx.run("DEALLOCATE ALL")
                    _ = try await tx.execute(EchoText(text: "b"))
                }
            }
            #expect(error.sqlState == .invalidStatementName)
            let text = try await session.transaction(.readCommitted) { try await $0.execute(EchoText(text: "c")) }
            #expect(text == "c")
        }
    }

    @Test("whose result type changed is prepared again, on shared and leased connections, again and again")
    func changedType() async throws {
        try await withPrepared { pool, session in
            #expect(try await pool.execute(ReadChanging(), until: .far) == "1")
            try await changeType(pool)
            for _ in 0..<2 {
                #expect(try await pool.execute(ReadChanging(), until: .far) == "not an integer")
                #expect(try await session.execute(ReadChanging()) == "not an integer")
            }
            #expect(try await session.execute(EchoText(text: "b")) == "b")
        }
    }

    @Test("whose result type changed fails the transaction it is in, and works in the next")
    func changedTypeInTransaction() async throws {
        try await withPrepared { pool, session in
            try await changeType(pool)
            let error = try await failure {
                try await session.transaction(.readCommitted) { tx in
                    _ = try await tx.execute(Sleep(seconds: 0))
                    _ = try await tx.execute(ReadChanging())
                }
            }
            #expect(error.sqlState == .featureNotSupported)
            #expect(error.server?.statement == "read_changing")
            for _ in 0..<2 {
                let text = try await session.transaction(.readCommitted) { tx in
                    _ = try await tx.execute(Sleep(seconds: 0))
                    return try await tx.execute(ReadChanging())
                }
                #expect(text == "not an integer")
            }
        }
    }

    @Test("whose result type changed fails a batch once, wherever it stands", arguments: [true, false])
    func changedTypeInBatch(_ isFirst: Bool) async throws {
        try await withPrepared { pool, session in
            try await changeType(pool)
            let error = try await failure {
                if isFirst {
                    _ = try await session.pipeline(ReadChanging(), EchoText(text: "b"))
                } else {
                    _ = try await session.pipeline(EchoText(text: "b"), ReadChanging())
                }
            }
            #expect(error.sqlState == .featureNotSupported)
            let (text, changed) = try await session.pipeline(EchoText(text: "c"), ReadChanging())
            #expect(text == "c" && changed == "not an integer")
        }
    }

    @Test("whose first use was aborted by another's error is prepared with its second")
    func abortedPrepare() async throws {
        try await withPrepared { _, session in
            let error = try await failure { try await session.pipeline(Divide(number: 0), ReadNumber(number: 1)) }
            #expect(error.sqlState?.rawValue == "22012")
            #expect(try await session.execute(ReadNumber(number: 2)) == 2)
            #expect(try await session.execute(Divide(number: 2)) == 500_000)
        }
    }

    @Test("that somebody else prepared under our name is used as it is")
    func preparedAlready() async throws {
        try await withPrepared { _, session in
            try await session.run("PREPARE \(ReadNumber.sql.identifier)(int8) AS \(ReadNumber.sql.text)")
            #expect(try await session.execute(ReadNumber(number: 2)) == 2)
            #expect(try await session.execute(ReadNumber(number: 3)) == 3)
        }
    }
}
