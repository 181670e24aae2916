import JobQueue
import Postgres
import TestSupport
import Testing

/// The queue as plain SQL, as another program would use it.
@Suite("The queue's statements", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct QueueStatementTests {
    private struct Undone: Error {}

    private func withServer(_ body: (Pool, ServerObserver) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool { try await body($0, observer) }
    }

    private func enqueue(_ kind: String, on observer: ServerObserver, _ rest: String = "") async throws -> Int64 {
        let id = try await observer.value("select id from queue.enqueue('\(kind)', '{}'\(rest))")
        return try #require(id.flatMap { Int64($0) })
    }

    private func state(of job: Int64, on observer: ServerObserver) async throws -> String? {
        try await observer.value("select state from queue.job where id = \(job)")
    }

    @Test("a job that is rolled back was never there")
    func rollback() async throws {
        try await withServer { pool, observer in
            await #expect(throws: Undone.self) {
                try await pool.withTransaction(until: .after(.seconds(10))) { session in
                    _ = try await session.enqueue(NewJob(kind: "rolled_back", payload: JSONText("{}")))
                    throw Undone()
                }
            }
            let left = try await observer.value("select count(*) from queue.job where kind = 'rolled_back'")
            #expect(left == "0")
        }
    }

    @Test("a taken key returns the first job")
    func uniqueKey() async throws {
        try await withServer { _, observer in
            let first = try await enqueue("keyed", on: observer, ", unique_key => 'k1'")
            let second = try await observer.execute("select * from queue.enqueue('keyed', '{}', unique_key => 'k1')")
            #expect(second == [["\(first)", "t"]])
        }
    }

    @Test("a key whose holder rolls back goes to the one who waited, so that never both are lost")
    func uniqueKeyAfterRollback() async throws {
        let drill = Drill("R7")
        try await withServer { pool, observer in
            let job = NewJob(kind: "contested", payload: JSONText("{}"), uniqueKey: "k2")
            async let second: EnqueuedJob = {
                try await observer.wait(
                    for:
                        "exists (select from pg_locks join pg_database on pg_database.oid = database where datname = current_database() and objid = 42)"
                )
                return try await pool.withTransaction(until: .after(.seconds(20))) { try await $0.enqueue(job) }
            }()
            let other = try await TestDatabase.required().observer()
            defer { other.close() }
            _ = try? await pool.withTransaction(until: .after(.seconds(20))) { session in
                _ = try await session.enqueue(job)
                _ = try await session.command(SQL("signal", "select pg_advisory_xact_lock(42)"))
                // Until the second stands at the first's lock.
                try await other.wait(
                    for: """
                        exists (
                            select from pg_stat_activity
                            where datname = current_database() and wait_event_type = 'Lock' and query like '%enqueue%'
                        )
                        """
                )
                throw Undone()
            }
            let taken = try await second
            #expect(!taken.isDuplicate)
            let jobs = try await other.value("select count(*) from queue.job where unique_key = 'k2'")
            #expect(jobs == "1")
            drill.report(["rounds": 1, "enqueued": 2, "rolled back": 1, "jobs": jobs ?? ""])
        }
    }

    @Test("states tell what a job waits for")
    func states() async throws {
        try await withServer { _, observer in
            let ready = try await enqueue("state", on: observer)
            let later = try await enqueue("state", on: observer, ", run_at => now() + interval '1 hour'")
            #expect(try await state(of: ready, on: observer) == "ready")
            #expect(try await state(of: later, on: observer) == "scheduled")
        }
    }

    @Test("the status tells how full the server's room for notifications is")
    func notificationUsage() async throws {
        try await withServer { pool, _ in
            let status = try await QueueInspector(pool: pool).status(tellsQueries: true, until: .after(.seconds(20)))
            let usage = status.text.split(separator: #""notification_queue_usage" : "#).last?.prefix { $0 != "}" }
            let share = try #require(usage.flatMap { Double($0) })
            #expect((0..<0.5).contains(share))
        }
    }

    @Test("a kind of nothing and a null payload are refused", arguments: ["'', '{}'", "null, '{}'", "'x', null"])
    func badInput(arguments: String) async throws {
        try await withServer { _, observer in
            await #expect(throws: PostgresError.self) {
                try await observer.execute("select queue.enqueue(\(arguments))")
            }
        }
    }
}
