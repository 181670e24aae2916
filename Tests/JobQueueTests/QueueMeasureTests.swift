import JobQueue
import Postgres
import TestSupport
import Testing

/// Whether the bench would notice. Each test has a kind of its own.
@Suite("The queue's measure", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct QueueMeasureTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    /// Writes down jobs as done: each waited for so many seconds, then started and ended at once.
    private func finish(
        _ kind: String,
        _ jobs: [(id: Int, waited: Int, ended: Int)],
        _ effects: [Int] = []
    ) async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        for job in jobs {
            let ended = "timestamptz '2026-01-01 00:00:00Z' + interval '\(job.ended) s'"
            try await observer.execute(
                """
                insert into queue.outcome (
                    id, kind, state, priority, attempt, crashes, enqueued_at, run_at, started_at, finished_at, payload
                )
                select \(job.id), '\(kind)', 'done', 100, 0, 0, ended - interval '\(job.waited) s', ended, ended, ended, '{}'
                from (select \(ended) as ended) ended
                """
            )
        }
        for job in effects {
            try await observer.execute(
                "insert into queue.probe_effect (job, attempt, worker) values (\(job), 1, 'test')"
            )
        }
    }

    private func figures(_ kind: String, expectsEffects: Bool) async throws -> QueueMeasure.Figures {
        try await database.withPool { pool in
            try await QueueMeasure(pool: pool)
                .figures(kind: kind, expectsEffects: expectsEffects, until: .after(.seconds(20)))
        }
    }

    @Test("counts a job that is done without its effect as done, but not as whole")
    func effectLost() async throws {
        try await finish("effect_lost", [(9_000_001, 1, 0), (9_000_002, 3, 10)], [9_000_001])
        let figures = try await figures("effect_lost", expectsEffects: true)
        #expect((figures.done, figures.whole, figures.doubled) == (2, 1, 0))
        #expect(figures.seconds == 10)
        #expect(figures.pickup?.median == 1000)
        #expect(figures.pickup?.p99 == 3000)
    }

    @Test("counts a second effect, a second end, and a job that is done and still there as doubled")
    func doubled() async throws {
        try await finish(
            "doubled",
            [(9_000_011, 1, 0), (9_000_012, 1, 1), (9_000_012, 1, 2), (9_000_013, 1, 3)],
            [9_000_011, 9_000_011, 9_000_012, 9_000_013]
        )
        let observer = try await database.observer()
        defer { observer.close() }
        // Not due for long, so that no test's worker takes it.
        try await observer.execute(
            """
            insert into queue.live (id, kind, payload, run_at, later)
            values (9000013, 'doubled', '{}', now() + interval '1 day', true)
            """
        )
        let figures = try await figures("doubled", expectsEffects: true)
        #expect((figures.done, figures.waiting, figures.doubled) == (3, 1, 3))
    }

    @Test("finds nothing where there was nothing")
    func nothing() async throws {
        let figures = try await figures("nothing", expectsEffects: false)
        #expect((figures.done, figures.whole, figures.waiting, figures.doubled) == (0, 0, 0, 0))
        #expect(figures.pickup == nil)
    }

    @Test("shows a stall as a part in which nothing ended")
    func stall() async throws {
        try await finish("stall", [(9_000_021, 1, 0), (9_000_022, 2, 1), (9_000_023, 5, 29), (9_000_024, 7, 30)])
        let parts = try await database.withPool { pool in
            try await QueueMeasure(pool: pool).parts(3, kind: "stall", until: .after(.seconds(20)))
        }
        #expect(parts.map(\.done) == [2, 0, 2])
        #expect(parts.map(\.seconds) == [10, 10, 10])
        #expect(parts.map(\.pickupP99) == [2000, nil, 7000])
        #expect(parts[0].jobsPerSecond == 0.2)
    }
}
