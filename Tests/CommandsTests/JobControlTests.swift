import JobQueue
import Postgres
import TestSupport
import Testing

@Suite("An operator's hand on the queue", .needsServer, .timeLimit(.minutes(2)))
struct JobControlTests {
    private static func withQueue(_ body: (JobControl, ScriptSession) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            try await database.withPool { pool in try await body(JobControl(pool: pool), session) }
        }
    }

    private static func enqueue(_ session: ScriptSession, key: String? = nil, later: Bool = false) async throws -> Int64
    {
        let rows = try await session.execute(
            """
            select id from queue.enqueue('probe', '{}', unique_key => \(key.map { "'\($0)'" } ?? "null"),
                run_at => \(later ? "clock_timestamp() + interval '1 hour'" : "null"))
            """
        )
        return try #require(rows.first?.first?.flatMap { Int64($0) })
    }

    private static func state(_ session: ScriptSession, _ job: Int64) async throws -> String? {
        try await session.execute("select state from queue.job where id = \(job)").first?.first ?? nil
    }

    private static var soon: Deadline { .after(.seconds(30)) }

    @Test("a waiting job is cancelled, and can be called back or forgotten")
    func cancel() async throws {
        try await Self.withQueue { control, session in
            let job = try await Self.enqueue(session)
            let cancelled = try await control.cancel(job, until: Self.soon)
            #expect(cancelled?.state == "ready" && cancelled?.isChanged == true)
            #expect(try await Self.state(session, job) == "cancelled")
            #expect(try await control.cancel(job, until: Self.soon)?.isChanged == false)
            #expect(try await control.retry(job, until: Self.soon)?.isChanged == true)
            #expect(try await Self.state(session, job) == "ready")
            #expect(try await control.discard(job, until: Self.soon)?.isChanged == false)
            _ = try await control.cancel(job, until: Self.soon)
            #expect(try await control.discard(job, until: Self.soon)?.isChanged == true)
            #expect(try await Self.state(session, job) == nil)
            #expect(try await control.retry(job, until: Self.soon) == nil)
        }
    }

    @Test("a scheduled job is hastened")
    func hasten() async throws {
        try await Self.withQueue { control, session in
            let job = try await Self.enqueue(session, later: true)
            #expect(try await Self.state(session, job) == "scheduled")
            #expect(try await control.retry(job, until: Self.soon)?.isChanged == true)
            #expect(try await Self.state(session, job) == "ready")
        }
    }

    @Test("a running job is left to its worker, which is told to stop it if it is cancelled")
    func running() async throws {
        try await Self.withQueue { control, session in
            let job = try await Self.enqueue(session)
            try await session.execute(
                "update queue.live set lease = 1, worker = 1, deadline = clock_timestamp() + interval '1 h' where id = \(job)"
            )
            for outcome in [
                try await control.retry(job, until: Self.soon), try await control.discard(job, until: Self.soon),
            ] {
                #expect(outcome?.state == "running" && outcome?.isChanged == false)
            }
            for isFirst in [true, false] {
                let outcome = try await control.cancel(job, until: Self.soon)
                #expect(outcome?.state == "running" && outcome?.isChanged == isFirst)
            }
            #expect(try await Self.state(session, job) == "running")
        }
    }

    @Test("a cancelled job comes back only while nobody else has its unique key")
    func uniqueKey() async throws {
        try await Self.withQueue { control, session in
            let first = try await Self.enqueue(session, key: "k")
            _ = try await control.cancel(first, until: Self.soon)
            let second = try await Self.enqueue(session, key: "k")
            #expect(second != first)
            #expect(try await control.retry(first, until: Self.soon)?.isChanged == false)
            #expect(try await Self.state(session, first) == "cancelled")
            _ = try await control.cancel(second, until: Self.soon)
            #expect(try await control.retry(first, until: Self.soon)?.isChanged == true)
            #expect(try await Self.enqueue(session, key: "k") == first)
        }
    }
}
