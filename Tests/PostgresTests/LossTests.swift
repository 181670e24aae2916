import TestSupport
import Testing

@testable import Postgres

@Suite("Losing a connection", .needsServer, .database, .timeLimit(.minutes(1)))
struct LossTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    private func withPool(
        _ body: (Pool, ServerObserver, EventLog<PoolEvent>) async throws -> Void
    ) async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        let log = EventLog<PoolEvent>()
        try await database.withPool(shared: 1, leased: 1, observer: log.record) { try await body($0, observer, log) }
    }

    private func withProxy(_ body: (Pool, Proxy, EventLog<PoolEvent>) async throws -> Void) async throws {
        let proxy = try Proxy(to: database.conninfo)
        defer { proxy.close() }
        let log = EventLog<PoolEvent>()
        try await database.withPool(shared: 1, leased: 1, observer: log.record) {
            $0.connectionString = proxy.conninfo(database.conninfo).text
            $0.cancelGrace = .milliseconds(100)
        } _: { pool in
            try await body(pool, proxy, log)
        }
    }

    @Test("while it is idle goes unnoticed by the next caller", arguments: [true, false])
    func idle(_ isShared: Bool) async throws {
        try await withPool { pool, observer, log in
            func process() async throws -> Int32 {
                if isShared { return try await pool.execute(SharedProcess(), until: .far) }
                return try await pool.withSession(until: .far) { $0.processID }
            }
            let first = try await process()
            try await observer.kill(first)
            try await log.first { if case .closed(first) = $0 { () } else { nil } }
            #expect(try await process() != first)
        }
    }

    @Test("during a read tells its caller why, and those in line behind it")
    func busyRead() async throws {
        try await withPool { pool, observer, _ in
            let process = try await pool.execute(SharedProcess(), until: .far)
            let running = Task { try await pool.execute(SharedSleep(seconds: 600), until: .far) }
            try await observer.waitUntilRunning("pg_sleep", processID: process)
            let behind = Task { try await pool.execute(ReadNumber(number: 1), until: .far) }
            for _ in 0..<100 { await Task.yield() }
            try await observer.kill(process)
            for task in [Task { _ = try await running.value }, Task { _ = try await behind.value }] {
                let error = try await failure { try await task.value }
                #expect(error.connection?.cause == .adminShutdown, "\(error)")
            }
            #expect(try await pool.execute(ReadNumber(number: 2), until: .far) == 2)
        }
    }

    @Test("inside a transaction tells its caller why: nothing was committed")
    func busyTransaction() async throws {
        try await withPool { pool, observer, _ in
            let process = try await pool.withSession(until: .far) { $0.processID }
            let task = Task {
                try await pool.withTransaction(until: .far) { tx in
                    try await tx.run("CREATE TABLE lost_with_it (id int8)")
                    return try await tx.execute(Sleep(seconds: 600))
                }
            }
            try await observer.waitUntilRunning("pg_sleep", processID: process)
            try await observer.kill(process)
            let error = try await failure { try await task.value }
            #expect(error.connection?.cause == .adminShutdown)
            #expect(try await pool.value("SELECT to_regclass('lost_with_it') IS NULL", as: Bool.self))
        }
    }

    @Test("during an autocommit write is unknown")
    func busyWrite() async throws {
        try await withPool { pool, observer, _ in
            let process = try await pool.withSession(until: .far) { $0.processID }
            let task = Task { try await pool.execute(Sleep(seconds: 600), until: .far) }
            try await observer.waitUntilRunning("pg_sleep", processID: process)
            try await observer.kill(process)
            let error = try await failure { try await task.value }
            #expect(error.isCommitUnknown)
            #expect(try await pool.execute(Sleep(seconds: 0), until: .far) == 0)
        }
    }

    @Test("during COMMIT is unknown")
    func duringCommit() async throws {
        try await withPool { pool, observer, _ in
            let gate = Gate(key: 1)
            try await observer.execute(gate.commitScript)
            try await observer.execute(gate.close)
            let process = try await pool.withSession(until: .far) { $0.processID }
            let task = Task {
                try await pool.withTransaction(until: .far) { try await $0.run("INSERT INTO gated_commit VALUES (1)") }
            }
            try await observer.wait(for: gate.isWaitedAt)
            try await observer.kill(process)
            let error = try await failure { try await task.value }
            #expect(error.isCommitUnknown)
            #expect(try await pool.value("SELECT count(*) FROM gated_commit", as: Int.self) == 0)
        }
    }

    @Test("after a COMMIT whose answer never came is unknown, though it was committed")
    func afterCommit() async throws {
        try await withProxy { pool, proxy, _ in
            try await pool.run("CREATE TABLE committed_unheard (id int8)")
            proxy.set(.swallowReplies, after: "COMMIT\u{0}") { proxy.cut() }
            let error = try await failure {
                try await pool.withTransaction(until: .far) {
                    try await $0.run("INSERT INTO committed_unheard VALUES (1)")
                }
            }
            #expect(error.isCommitUnknown)
            let observer = try await database.observer()
            defer { observer.close() }
            try await observer.wait(for: "SELECT count(*) = 1 FROM committed_unheard")
        }
    }

    @Test("before COMMIT is known: nothing was committed")
    func beforeCommit() async throws {
        try await withPool { pool, observer, log in
            let error = try await failure {
                try await pool.withTransaction(until: .far) { tx in
                    let process = tx.processID
                    try await tx.run("CREATE TABLE lost_before (id int8)")
                    try await observer.kill(process)
                    try await log.first { if case .closed(process) = $0 { () } else { nil } }
                }
            }
            #expect(error.connection != nil)
        }
    }

    @Test("to a cut wire fails those who wait, and the next call connects anew")
    func cut() async throws {
        try await withProxy { pool, proxy, log in
            let process = try await pool.execute(SharedProcess(), until: .far)
            proxy.set(.swallow, after: "pg_sleep") { proxy.cut() }
            let error = try await failure { try await pool.execute(SharedSleep(seconds: 600), until: .far) }
            #expect(error.connection?.stage == .receive)
            try await log.first { if case .closed(process) = $0 { () } else { nil } }
            proxy.set(.forward)
            #expect(try await pool.execute(ReadNumber(number: 2), until: .far) == 2)
        }
    }

    @Test("to a server that refuses fails at once, without asking it again during the pause, and recovers")
    func refused() async throws {
        try await withProxy { pool, proxy, _ in
            proxy.refuse(true)
            for isShared in [true, false] {
                for _ in 0..<5 {
                    let error = try await failure {
                        if isShared {
                            _ = try await pool.execute(ReadNumber(number: 1), until: .far)
                        } else {
                            _ = try await pool.execute(Sleep(seconds: 0), until: .far)
                        }
                    }
                    #expect(error.connection?.stage == .connect)
                }
            }
            #expect(proxy.accepted < 10, "the breaker kept most from asking")
            var failures = 0
            try await pool.waitUntilReady { _ in
                failures += 1
                proxy.refuse(false)
            }
            #expect(failures > 0)
            #expect(try await pool.value("SELECT 7", as: Int.self) == 7)
        }
    }

    @Test("while it is set up, to a server that falls silent, does not keep the pool from trying again")
    func silentDuringSetUp() async throws {
        try await withProxy { pool, proxy, log in
            let (silent, isSilent) = (EventLog<Void>(), "SET statement_timeout")
            proxy.set(.swallow, after: isSilent) { silent.record(()) }
            let caller = Task { try await pool.execute(Sleep(seconds: 0), until: .far) }
            try await silent.next()
            proxy.set(.forward)
            let error = try await failure { try await caller.value }
            #expect(error.connection?.stage == .connect)
            try await pool.waitUntilReady { _ in }
        }
    }

    @Test("to a server with too many of them is told to the caller, and over when there is room")
    func tooMany() async throws {
        try await withDatabase { database in
            let observer = try await self.database.observer()
            defer { observer.close() }
            try await observer.execute("ALTER DATABASE \(database.name) CONNECTION LIMIT 1")
            try await database.withPool(leased: 2) { pool in
                let value = try await pool.withSession(until: .far) { session in
                    let waiter = Task { try await pool.value("SELECT 8", as: Int.self) }
                    let error = try await failure { try await pool.execute(ReadNumber(number: 1), until: .far) }
                    #expect(error.connection?.stage == .connect)
                    #expect(error.connection?.message.contains("too many connections") == true)
                    return waiter
                }
                #expect(try await value.value == 8, "it waited for the one that was lent")
                try await observer.execute("ALTER DATABASE \(database.name) CONNECTION LIMIT -1")
                try await pool.waitUntilReady { _ in }
            }
        }
    }
}

@Suite(
    "A server that crashes",
    .enabled(if: PrivateCluster.isAvailable, "needs the dev script, PostgreSQL's programs and AMENITY_TEST_DATABASE"),
    .timeLimit(.minutes(2))
)
struct CrashTests {
    @Test("is survived by a pool, during a statement, while down and after its restart")
    func crash() async throws {
        try await withCluster { cluster in
            let log = EventLog<PoolEvent>()
            var configuration = cluster.configuration
            configuration.sharedConnections = 1
            configuration.leasedConnections = 2
            let pool = Pool(configuration, observer: log.record)
            defer { pool.close() }
            let observer = try await cluster.observer()
            try await pool.run("CREATE TABLE survived (id int8)")
            let process = try await pool.execute(SharedProcess(), until: .far)
            let running = Task { try await pool.execute(SharedSleep(seconds: 600), until: .far) }
            try await observer.waitUntilRunning("pg_sleep", processID: process)
            observer.close()
            try await cluster.crash()
            let error = try await failure { try await running.value }
            #expect(error.connection?.stage == .receive)
            try await log.first { if case .closed(process) = $0 { () } else { nil } }

            let refusal = try await failure { try await pool.execute(ReadNumber(number: 1), until: .far) }
            #expect(refusal.connection != nil)

            // A program that starts before its server waits for it.
            let (failures, other) = (EventLog<PostgresError>(), Pool(configuration))
            defer { other.close() }
            let ready = Task { try await other.waitUntilReady { failures.record($0) } }
            #expect(try await failures.next().connection?.stage == .connect)
            try await cluster.start()
            try await ready.value
            try await pool.waitUntilReady { _ in }
            #expect(try await pool.value("SELECT count(*) FROM survived", as: Int.self) == 0)
            // The shared connections have a breaker of their own, which may be open for a moment longer.
            while true {
                do {
                    #expect(try await pool.execute(ReadNumber(number: 2), until: .far) == 2)
                    break
                } catch let error as PostgresError where error.connection?.stage == .connect {
                    try Task.checkCancellation()
                }
            }
        }
    }
}
