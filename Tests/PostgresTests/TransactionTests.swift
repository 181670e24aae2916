import TestSupport
import Testing

@testable import Postgres

@Suite("A transaction", .needsServer, .database, .timeLimit(.minutes(1)))
struct TransactionTests {
    let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    /// A table of its own for a test, since the suite's tests share a database.
    private func withTable(_ name: String, _ body: (Pool) async throws -> Void) async throws {
        try await database.withPool { pool in
            try await pool.run("CREATE TABLE \(name) (id int8 PRIMARY KEY)")
            try await body(pool)
        }
    }

    @Test("is committed when its body returns")
    func commits() async throws {
        try await withTable("commits") { pool in
            let value = try await pool.withTransaction(until: .far) { tx in
                try await tx.run("INSERT INTO commits VALUES (1)")
                return "done"
            }
            #expect(value == "done")
            #expect(try await pool.value("SELECT count(*) FROM commits", as: Int.self) == 1)
        }
    }

    @Test("is rolled back when its body throws")
    func rollsBack() async throws {
        struct Stop: Error {}
        try await withTable("rolls_back") { pool in
            await #expect(throws: Stop.self) {
                try await pool.withTransaction(until: .far) { tx in
                    try await tx.run("INSERT INTO rolls_back VALUES (1)")
                    throw Stop()
                }
            }
            let count = try await pool.value("SELECT count(*) FROM rolls_back", as: Int.self)
            #expect(count == 0)
        }
    }

    @Test("is rolled back when the statement that travels with the commit fails, and its connection is lent again")
    func lastFails() async throws {
        try await withTable("last_fails") { pool in
            let process = try await pool.withSession(until: .far) { $0.processID }
            let error = try await failure {
                try await pool.withTransaction(until: .far, last: Quotient(divisor: 0)) { tx in
                    try await tx.run("INSERT INTO last_fails VALUES (1)")
                }
            }
            #expect(error.sqlState == SQLState(rawValue: "22012"))
            #expect(try await pool.value("SELECT count(*) FROM last_fails", as: Int.self) == 0)
            #expect(try await pool.withSession(until: .far) { $0.processID } == process)
        }
    }

    @Test("runs the statement that travels with the commit also when its body runs none")
    func lastAlone() async throws {
        try await database.withPool { pool in
            try await pool.withTransaction(until: .far, last: Quotient(divisor: 1)) { _ in }
            let error = try await failure {
                try await pool.withTransaction(until: .far, last: Quotient(divisor: 0)) { _ in }
            }
            #expect(error.sqlState == SQLState(rawValue: "22012"))
        }
    }

    /// Fails for a divisor of 0.
    private struct Quotient: OneRow {
        static let sql = SQL("quotient", "SELECT 1 / $1::int4")
        let divisor: Int32

        func bind(to parameters: inout Parameters) { parameters.append(divisor) }

        static func decode(_ row: inout RowReader) throws(PostgresError) -> Int32 { try row.next() }
    }

    @Test("sends nothing when its body runs no statement")
    func sendsNothing() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.run("SELECT 'the last statement'")
            let process = try await pool.withTransaction(until: .far) { $0.processID }
            let observer = try await database.observer()
            defer { observer.close() }
            let last = try await observer.value("SELECT query FROM pg_stat_activity WHERE pid = \(process)")
            #expect(last == "SELECT 'the last statement'")
        }
    }

    @Test("whose body swallowed a statement's error says that it was rolled back")
    func swallowedError() async throws {
        try await withTable("swallowed") { pool in
            let error = try await failure {
                try await pool.withTransaction(until: .far) { tx in
                    try await tx.run("INSERT INTO swallowed VALUES (1)")
                    _ = try? await tx.run("SELECT 1/0")
                }
            }
            #expect(error.isRolledBack)
            #expect(try await pool.value("SELECT count(*) FROM swallowed", as: Int.self) == 0)
        }
    }

    @Test("whose task is cancelled inside the body is rolled back, and its connection is lent again")
    func cancelledInside() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.run("CREATE TABLE cancelled_inside (id int8)")
            let process = try await pool.withSession(until: .far) { $0.processID }
            let task = Task {
                try await pool.withTransaction(until: .far) { tx in
                    try await tx.run("INSERT INTO cancelled_inside VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await tx.run("INSERT INTO cancelled_inside VALUES (2)")
                }
            }
            let error = try await failure { try await task.value }
            #expect(error.isCancelled)
            #expect(try await pool.value("SELECT count(*) FROM cancelled_inside", as: Int.self) == 0)
            #expect(try await pool.withSession(until: .far) { $0.processID } == process)
        }
    }

    @Test("whose task is cancelled before its commit is rolled back, and its connection is lent again")
    func cancelledBeforeCommit() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.run("CREATE TABLE cancelled_late (id int8)")
            let process = try await pool.withSession(until: .far) { $0.processID }
            let task = Task {
                try await pool.withTransaction(until: .far) { tx in
                    try await tx.run("INSERT INTO cancelled_late VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            let error = try await failure { try await task.value }
            #expect(error.isCancelled)
            #expect(try await pool.value("SELECT count(*) FROM cancelled_late", as: Int.self) == 0)
            #expect(try await pool.withSession(until: .far) { $0.processID } == process)
        }
    }

    @Test("whose first statement was cancelled before it was sent does not commit the others on their own")
    func firstStatementCancelled() async throws {
        try await withTable("first_cancelled") { pool in
            let error = try await failure {
                try await pool.withTransaction(until: .far) { tx in
                    let first = Task {
                        withUnsafeCurrentTask { $0?.cancel() }
                        try await tx.run("INSERT INTO first_cancelled VALUES (1)")
                    }
                    _ = await first.result
                    _ = try? await tx.run("INSERT INTO first_cancelled VALUES (2)")
                }
            }
            #expect(error.isRolledBack)
            #expect(try await pool.value("SELECT count(*) FROM first_cancelled", as: Int.self) == 0)
        }
    }

    @Test("has the isolation asked for", arguments: [Isolation.readCommitted, .repeatableRead, .serializable])
    func isolation(_ isolation: Isolation) async throws {
        try await database.withPool { pool in
            let shown = try await pool.withTransaction(isolation, until: .far) { tx in
                try await tx.value("SHOW transaction_isolation", as: String.self)
            }
            #expect(shown == isolation.rawValue.lowercased())
        }
    }

    @Test("left idle is ended by the server, and the pool makes another connection")
    func idleInTransaction() async throws {
        let log = EventLog<PoolEvent>()
        try await database.withPool(leased: 1, observer: log.record) {
            $0.sessionSettings.append(("idle_in_transaction_session_timeout", "20ms"))
        } _: { pool in
            let error = try await failure {
                try await pool.withTransaction(until: .far) { tx in
                    let process = tx.processID
                    try await tx.run("SELECT 1")
                    try await log.first { if case .closed(process) = $0 { () } else { nil } }
                    try await tx.run("SELECT 2")
                }
            }
            #expect(error.connection?.stage == .receive)
            #expect(try await pool.value("SELECT 3", as: Int.self) == 3)
        }
    }

    @Test("that a session left open is not lent to the next")
    func leftOpen() async throws {
        try await database.withPool(leased: 1) { pool in
            let first = try await pool.withSession(until: .far) { session in
                try await session.run("BEGIN")
                return session.processID
            }
            let second = try await pool.withSession(until: .far) { session in
                let status = try await session.value("SELECT pg_current_xact_id_if_assigned() IS NULL", as: Bool.self)
                #expect(status)
                return session.processID
            }
            #expect(first != second)
        }
    }

    @Test("whose deadline passed before its commit is rolled back")
    func deadlineBeforeCommit() async throws {
        try await withTable("late_commit") { pool in
            let error = try await failure {
                try await pool.withTransaction(until: .after(.milliseconds(300))) { tx in
                    try await tx.run("INSERT INTO late_commit VALUES (1)")
                    while Deadline.now < tx.deadline { await Task.yield() }
                }
            }
            #expect(error.phase == .waitingForAnswer)
            #expect(try await pool.value("SELECT count(*) FROM late_commit", as: Int.self) == 0)
        }
    }
}
