import TestSupport
import Testing

@testable import Postgres

@Suite("Cancelling", .needsServer, .database, .timeLimit(.minutes(1)))
struct CancellationTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    /// A pool behind a proxy, which counts connections: a cancel request is one.
    private func withProxy(
        grace: Duration = .seconds(30),
        _ body: (Pool, Proxy, ServerObserver, EventLog<PoolEvent>) async throws -> Void
    ) async throws {
        // A database of its own: what runs elsewhere in the suite's must not be taken for ours.
        try await withDatabase { database in
            let proxy = try Proxy(to: database.conninfo)
            defer { proxy.close() }
            let observer = try await database.observer()
            defer { observer.close() }
            let log = EventLog<PoolEvent>()
            try await database.withPool(shared: 1, leased: 1, observer: log.record) {
                $0.connectionString = proxy.conninfo(database.conninfo).text
                $0.cancelGrace = grace
            } _: { pool in
                try await body(pool, proxy, observer, log)
            }
        }
    }

    @Test("a statement before it is sent takes it out of the line, without a cancel request")
    func beforeSent() async throws {
        try await withProxy { pool, proxy, observer, _ in
            let slow = Task { try await pool.execute(SharedSleep(seconds: 600), until: .far) }
            try await observer.waitUntilRunning("pg_sleep")
            let accepted = proxy.accepted
            let queued = Task { try await pool.execute(ReadNumber(number: 1), until: .far) }
            for _ in 0..<100 { await Task.yield() }
            queued.cancel()
            let error = try await failure { try await queued.value }
            #expect(error.isCancelled)
            #expect(proxy.accepted == accepted)
            slow.cancel()
            let stopped = try await failure { try await slow.value }
            #expect(stopped.isCancelled)
        }
    }

    @Test("a running statement stops it on the server, and the connection is used again")
    func running() async throws {
        try await withProxy { pool, proxy, observer, _ in
            let process = try await pool.execute(SharedProcess(), until: .far)
            let accepted = proxy.accepted
            let task = Task { try await pool.execute(SharedSleep(seconds: 600), until: .far) }
            try await observer.waitUntilRunning("pg_sleep", processID: process)
            task.cancel()
            task.cancel()
            let error = try await failure { try await task.value }
            #expect(error.isCancelled)
            try await observer.wait(
                for: "EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(process) AND state = 'idle')"
            )
            #expect(try await pool.execute(SharedProcess(), until: .far) == process)
            #expect(proxy.accepted == accepted + 1, "one cancel request, however often the task is cancelled")
        }
    }

    @Test("a statement after its answer changes nothing")
    func late() async throws {
        try await withProxy { pool, proxy, _, _ in
            let process = try await pool.execute(SharedProcess(), until: .far)
            let accepted = proxy.accepted
            let task = Task { try await pool.execute(ReadNumber(number: 3), until: .far) }
            #expect(try await task.value == 3)
            task.cancel()
            #expect(try await pool.execute(SharedProcess(), until: .far) == process)
            #expect(proxy.accepted == accepted)
        }
    }

    @Test("a statement of a transaction rolls it back, and the connection is lent again")
    func inTransaction() async throws {
        try await withProxy { pool, _, observer, _ in
            let process = try await pool.withSession(until: .far) { $0.processID }
            let task = Task {
                try await pool.withTransaction(until: .far) { tx in
                    try await tx.run("CREATE TABLE never_made (id int8)")
                    return try await tx.execute(Sleep(seconds: 600))
                }
            }
            try await observer.waitUntilRunning("pg_sleep", processID: process)
            task.cancel()
            let error = try await failure { try await task.value }
            #expect(error.isCancelled)
            #expect(try await pool.value("SELECT to_regclass('never_made') IS NULL", as: Bool.self))
            #expect(try await pool.withSession(until: .far) { $0.processID } == process)
        }
    }

    @Test("a statement whose deadline passes stops it on the server too", arguments: [true, false])
    func deadline(_ isShared: Bool) async throws {
        try await withProxy { pool, _, observer, _ in
            _ = try await pool.execute(SharedProcess(), until: .far)
            try await pool.run("SELECT 'connected'")
            let error = try await failure {
                if isShared {
                    _ = try await pool.execute(SharedSleep(seconds: 600), until: .after(.milliseconds(300)))
                } else {
                    _ = try await pool.withTransaction(until: .after(.milliseconds(300))) {
                        try await $0.execute(Sleep(seconds: 600))
                    }
                }
            }
            #expect(error.phase == .waitingForAnswer)
            try await observer.wait(
                for: """
                    NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active'
                        AND pid <> pg_backend_pid() AND datname = current_database())
                    """
            )
            #expect(try await pool.execute(ReadNumber(number: 4), until: .far) == 4)
            #expect(try await pool.value("SELECT 5", as: Int.self) == 5)
        }
    }

    @Test("the server's own statement_timeout is the server's error, not ours")
    func statementTimeout() async throws {
        try await database.withPool(configure: { $0.sessionSettings = [("statement_timeout", "50ms")] }) { pool in
            let error = try await failure { try await pool.execute(SharedSleep(seconds: 600), until: .far) }
            #expect(error.sqlState == .queryCanceled)
        }
    }

    @Test("an autocommit write sends no cancel request: the caller learns its outcome")
    func autocommitWrite() async throws {
        try await withProxy { pool, proxy, observer, _ in
            try await pool.run("SELECT 'connected'")
            let accepted = proxy.accepted
            let gate = Gate(key: 1)
            try await observer.execute(gate.close)
            let task = Task { try await pool.run("SELECT \(gate.pass)") }
            try await observer.wait(for: gate.isWaitedAt)
            task.cancel()
            try await observer.execute(gate.open)
            try await task.value
            #expect(proxy.accepted == accepted)
        }
    }

    @Test("during COMMIT sends no cancel request: the transaction is committed")
    func duringCommit() async throws {
        try await withProxy { pool, proxy, observer, _ in
            let gate = Gate(key: 2)
            try await observer.execute(gate.commitScript)
            try await pool.run("SELECT 'connected'")
            let accepted = proxy.accepted
            try await observer.execute(gate.close)
            let task = Task {
                try await pool.withTransaction(until: .far) { try await $0.run("INSERT INTO gated_commit VALUES (1)") }
            }
            try await observer.wait(for: gate.isWaitedAt)
            task.cancel()
            try await observer.execute(gate.open)
            try await task.value
            #expect(try await pool.value("SELECT count(*) FROM gated_commit", as: Int.self) == 1)
            #expect(proxy.accepted == accepted)
        }
    }

    @Test("at random moments never hits a neighbour, nor loses a connection")
    func atRandomMoments() async throws {
        var random = SplitMix64.announced("random cancelling")
        let log = EventLog<PoolEvent>()
        try await database.withPool(shared: 1, leased: 1, observer: log.record) { pool in
            let process = try await pool.execute(SharedProcess(), until: .far)
            let leased = try await pool.withSession(until: .far) { $0.processID }
            for round in 0..<300 {
                let seconds = Double.random(in: 0...0.005, using: &random)
                let isShared = Bool.random(using: &random)
                let victim = Task {
                    if isShared {
                        _ = try await pool.execute(SharedSleep(seconds: seconds), until: .far)
                    } else {
                        _ = try await pool.withTransaction(until: .far) {
                            try await $0.execute(Sleep(seconds: seconds))
                        }
                    }
                }
                let neighbours = (0..<3).map { number in
                    Task { try await pool.execute(ReadNumber(number: round + number), until: .far) }
                }
                let sleeper = Task { try await pool.execute(SharedSleep(seconds: 0.001), until: .far) }
                let lessee = Task { try await pool.execute(Sleep(seconds: 0), until: .far) }
                for _ in 0..<Int.random(in: 0..<1000, using: &random) { await Task.yield() }
                victim.cancel()
                for (number, neighbour) in neighbours.enumerated() {
                    let answer = try await neighbour.value
                    #expect(answer == round + number)
                }
                #expect(try await sleeper.value == 0.001)
                #expect(try await lessee.value == 0)
                do { try await victim.value } catch let error as PostgresError {
                    #expect(error.isCancelled, "\(error)")
                }
            }
            #expect(try await pool.execute(SharedProcess(), until: .far) == process, "the same connection")
            #expect(try await pool.withSession(until: .far) { $0.processID } == leased, "the same connection")
        }
    }

    @Test("many statements in line at once leaves the connection free for the others")
    func manyInLine() async throws {
        try await withProxy { pool, _, observer, _ in
            let process = try await pool.execute(SharedProcess(), until: .far)
            let first = Task { try await pool.execute(SharedSleep(seconds: 600), until: .far) }
            try await observer.waitUntilRunning("pg_sleep", processID: process)
            let mine = "FROM pg_stat_activity WHERE pid = \(process)"
            let started = try #require(try await observer.value("SELECT query_start \(mine)"))
            // These leave in one batch once the first is answered, and are abandoned together.
            let others = (0..<20).map { _ in
                Task { try await pool.execute(SharedSleep(seconds: 600), until: .far) }
            }
            first.cancel()
            let stopped = try await failure { try await first.value }
            #expect(stopped.isCancelled)
            try await observer.wait(
                for: "EXISTS (SELECT \(mine) AND query_start > '\(started)' AND wait_event = 'PgSleep')"
            )
            others.forEach { $0.cancel() }
            for other in others {
                let error = try await failure { try await other.value }
                #expect(error.isCancelled)
            }
            #expect(try await pool.execute(SharedProcess(), until: .far) == process)
        }
    }

    @Test("a server that never answers gives its connection up after the grace, and the pool recovers")
    func unanswered() async throws {
        try await withProxy(grace: .milliseconds(100)) { pool, proxy, _, log in
            let process = try await pool.execute(SharedProcess(), until: .far)
            proxy.set(.stall)
            let error = try await failure {
                try await pool.execute(ReadNumber(number: 1), until: .after(.milliseconds(50)))
            }
            #expect(error.phase == .waitingForAnswer)
            try await log.first { if case .closed(process) = $0 { () } else { nil } }
            proxy.set(.forward)
            #expect(try await pool.execute(ReadNumber(number: 2), until: .far) == 2)
        }
    }

    @Test("an autocommit write that is never answered is unknown at its deadline, and the pool recovers")
    func unansweredWrite() async throws {
        try await withProxy { pool, proxy, _, _ in
            try await pool.run("SELECT 'connected'")
            proxy.set(.swallow)
            let error = try await failure {
                try await pool.execute(Sleep(seconds: 0), until: .after(.milliseconds(50)))
            }
            #expect(error.isCommitUnknown)
            proxy.set(.forward)
            #expect(try await pool.execute(Sleep(seconds: 0), until: .far) == 0)
        }
    }
}

/// A lock at which a statement or a COMMIT stands until the test lets it pass. Each test takes a key of its own.
struct Gate {
    let key: Int

    var close: String { "SELECT pg_advisory_lock(\(key))" }
    var open: String { "SELECT pg_advisory_unlock(\(key))" }
    var pass: String { "pg_advisory_xact_lock(\(key))" }
    var isWaitedAt: String {
        """
        EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = \(key) AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        """
    }

    /// A table whose rows make the COMMIT stand at the gate.
    var commitScript: String {
        """
        CREATE TABLE gated_commit (id int4);
        CREATE FUNCTION stand_at_gate() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM \(pass); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON gated_commit DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION stand_at_gate();
        """
    }
}
