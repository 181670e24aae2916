import TestSupport
import Testing

@testable import Postgres

@Suite("The pool", .needsServer, .database, .timeLimit(.minutes(1)))
struct PoolTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    /// A caller that holds the pool's only connection until it is released.
    private func withOnlyConnectionTaken(
        of pool: Pool,
        _ body: (_ release: @Sendable () -> Void) async throws -> Void
    ) async throws {
        let (taken, release) = (EventLog<Void>(), EventLog<Void>())
        let holder = Task {
            try await pool.withSession(until: .far) { _ in
                taken.record(())
                try await release.next()
            }
        }
        try await taken.next()
        try await body { release.record(()) }
        try await holder.value
    }

    @Test("serves those who wait in the order in which they came")
    func fifo() async throws {
        try await database.withPool(leased: 1) { pool in
            let order = EventLog<Int>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await withOnlyConnectionTaken(of: pool) { release in
                    for number in 0..<10 {
                        group.addTask {
                            try await pool.withSession(until: .far) { _ in order.record(number) }
                        }
                        try await pool.untilWaiting(number + 1)
                    }
                    release()
                }
                try await group.waitForAll()
            }
            for number in 0..<10 { #expect(try await order.next() == number) }
        }
    }

    @Test("tells a caller whose deadline passes in line")
    func deadlineInLine() async throws {
        let log = EventLog<PoolEvent>()
        try await database.withPool(leased: 1, observer: log.record) { pool in
            try await withOnlyConnectionTaken(of: pool) { release in
                let error = try await failure {
                    try await pool.execute(Sleep(seconds: 0), until: .after(.milliseconds(20)))
                }
                #expect(error.phase == .waitingForConnection)
                try await log.first { if case .leaseTimedOut = $0 { () } else { nil } }
                #expect(pool.waiting == 0)
                release()
            }
            #expect(try await pool.execute(Sleep(seconds: 0), until: .far) == 0)
        }
    }

    @Test("tells a caller at once whose deadline had passed before it stood in line")
    func deadlineBeforeLine() async throws {
        try await database.withPool(leased: 1) { pool in
            try await withOnlyConnectionTaken(of: pool) { release in
                for _ in 0..<200 {
                    let error = try await failure { try await pool.execute(Sleep(seconds: 0), until: .now) }
                    #expect(error.phase == .waitingForConnection)
                }
                release()
            }
        }
    }

    @Test("lets a cancelled caller leave the line")
    func cancelledInLine() async throws {
        try await database.withPool(leased: 1) { pool in
            try await withOnlyConnectionTaken(of: pool) { release in
                let waiter = Task { try await pool.execute(Sleep(seconds: 0), until: .far) }
                try await pool.untilWaiting(1)
                waiter.cancel()
                let error = try await failure { try await waiter.value }
                #expect(error.isCancelled)
                #expect(pool.waiting == 0)
                release()
            }
            #expect(try await pool.execute(Sleep(seconds: 0), until: .far) == 0)
        }
    }

    @Test("fails a caller that was cancelled before it asked")
    func cancelledBefore() async throws {
        try await database.withPool(leased: 1) { pool in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await pool.execute(Sleep(seconds: 0), until: .far)
            }
            let error = try await failure { try await task.value }
            #expect(error.isCancelled)
        }
    }

    @Test("fails those in line when it closes, and lets the lent connection finish its work")
    func closing() async throws {
        let log = EventLog<PoolEvent>()
        try await database.withPool(leased: 1, observer: log.record) { pool in
            let value = try await pool.withSession(until: .far) { session in
                let waiter = Task { try await pool.execute(Sleep(seconds: 0), until: .far) }
                try await pool.untilWaiting(1)
                pool.close()
                let error = try await failure { try await waiter.value }
                #expect(error.isPoolClosed)
                return try await session.value("SELECT 7", as: Int.self)
            }
            #expect(value == 7)
            try await log.first { if case .closed = $0 { () } else { nil } }
            for shared in [true, false] {
                let error = try await failure {
                    if shared {
                        _ = try await pool.execute(ReadNumber(number: 1), until: .far)
                    } else {
                        _ = try await pool.execute(Sleep(seconds: 0), until: .far)
                    }
                }
                #expect(error.isPoolClosed)
            }
            let error = try await failure { try await pool.waitUntilReady { _ in } }
            #expect(error.isPoolClosed)
        }
    }

    @Test("closed while it connects gives the new connection up")
    func closedWhileConnecting() async throws {
        let proxy = try Proxy(to: database.conninfo)
        defer { proxy.close() }
        proxy.set(.stall)
        let log = EventLog<PoolEvent>()
        var configuration = database.configuration
        configuration.connectionString = proxy.conninfo(database.conninfo).text
        let pool = Pool(configuration, observer: log.record)
        let caller = Task { try await pool.execute(Sleep(seconds: 0), until: .far) }
        try await pool.untilWaiting(1)
        pool.close()
        let error = try await failure { try await caller.value }
        #expect(error.isPoolClosed)
        proxy.set(.forward)
        let process = try await log.first { if case .connected(let process) = $0 { process } else { nil } }
        try await log.first { if case .closed(process) = $0 { () } else { nil } }
        let observer = try await database.observer()
        defer { observer.close() }
        try await observer.wait(for: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(process))")
    }

    @Test("never has more connections than its limit, with 200 tasks on three")
    func limit() async throws {
        try await database.withPool(leased: 3, configure: { $0.applicationName = "limited" }) { pool in
            let observer = try await database.observer()
            defer { observer.close() }
            let most = try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 { group.addTask { _ = try await pool.execute(Sleep(seconds: 0.01), until: .far) } }
                var most = 0
                let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'limited'"
                for _ in 0..<40 {
                    most = max(most, Int(try await observer.value(count) ?? "") ?? 0)
                    try await observer.execute("SELECT pg_sleep(0.01)")
                }
                try await group.waitForAll()
                return most
            }
            #expect(most == 3)
        }
    }

    @Test("replaces a connection that has lived its time")
    func lifetime() async throws {
        try await database.withPool(leased: 1, configure: { $0.maximumLifetime = .zero }) { pool in
            let processes = [
                try await pool.withSession(until: .far) { $0.processID },
                try await pool.withSession(until: .far) { $0.processID },
            ]
            #expect(Set(processes).count == 2)
        }
    }

    @Test("sets each session up before its first statement")
    func settings() async throws {
        try await database.withPool(
            configure: { $0.sessionSettings.append(("statement_timeout", "12345ms")) },
            { pool in
                let shown = try await pool.withSession(until: .far) { session in
                    try await session.command(
                        SQL("shown", "SELECT current_setting('statement_timeout'), current_setting('application_name')")
                    )
                }
                let (timeout, name) = try shown.row(0) { row throws(PostgresError) in
                    (try row.next(String.self), try row.next(String.self))
                }
                #expect(timeout == "12345ms" && name == database.name)
            }
        )
    }

    @Test("fails at once when a setting is refused, and says which")
    func badSetting() async throws {
        try await database.withPool(configure: { $0.sessionSettings = [("no_such_setting", "1")] }) { pool in
            let error = try await failure { try await pool.execute(Sleep(seconds: 0), until: .far) }
            #expect(error.connection?.stage == .connect)
            #expect(error.connection?.cause?.rawValue == "42704")
            #expect(error.connection?.message.contains("no_such_setting") == true)
        }
    }
}
