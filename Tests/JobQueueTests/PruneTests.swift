import JobQueue
import Postgres
import TestSupport
import Testing

@Suite("Pruning", .needsServer, .timeLimit(.minutes(1)))
struct PruneTests {
    private func withQueue(_ body: (Pool, ServerObserver) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool { try await body($0, observer) }
        }
    }

    /// Outcomes of jobs that were enqueued and ended so many days ago.
    private func keep(
        _ state: String,
        enqueued: Int,
        ended: Int,
        count: Int = 1,
        on observer: ServerObserver
    ) async throws {
        try await observer.execute(
            """
            insert into queue.outcome (
                id, kind, state, priority, attempt, crashes, enqueued_at, run_at, finished_at, payload
            )
            select
                nextval('queue.job_id'), 'a', '\(state)', 100, 0, 0, now() - interval '\(enqueued) days', now(),
                now() - interval '\(ended) days', '{}'
            from generate_series(1, \(count))
            """
        )
    }

    @Test("deletes what ended long ago, and leaves what ended lately or waits", arguments: [1, 3, 5000])
    func outcomes(batch: Int) async throws {
        try await withQueue { pool, observer in
            try await keep("done", enqueued: 50, ended: 40, count: 7, on: observer)
            // Waited long and ended lately.
            try await keep("done", enqueued: 50, ended: 3, count: 2, on: observer)
            try await keep("dead", enqueued: 45, ended: 31, count: 2, on: observer)
            try await keep("cancelled", enqueued: 32, ended: 31, on: observer)
            try await keep("done", enqueued: 29, ended: 29, count: 4, on: observer)
            try await observer.execute("select queue.enqueue('a', '{}')")
            let pruned = try await QueuePruner(pool: pool, batch: batch).prune(olderThan: .seconds(30 * 86_400))
            #expect(pruned.done == 7 && pruned.dead == 2 && pruned.cancelled == 1 && pruned.keys == 0)
            #expect(pruned.outcomes == 10)
            #expect(try await observer.value("select count(*) from queue.outcome") == "6")
            #expect(try await observer.value("select count(*) from queue.live") == "1")
            let again = try await QueuePruner(pool: pool, batch: batch).prune(olderThan: .seconds(30 * 86_400))
            #expect(again.outcomes == 0)
        }
    }

    @Test("deletes keys whose window is over, and leaves those of living jobs", arguments: [1, 5000])
    func keys(batch: Int) async throws {
        try await withQueue { pool, observer in
            try await observer.execute("select queue.enqueue('a', '{}', unique_key => 'living')")
            try await observer.execute(
                """
                insert into queue.unique_key (key, job, keep_until) values
                    ('expired 1', -1, now() - interval '1 s'), ('expired 2', -2, now() - interval '1 day'),
                    ('within', -3, now() + interval '1 hour'), ('über', -4, now() - interval '1 s')
                """
            )
            let pruned = try await QueuePruner(pool: pool, batch: batch).prune(olderThan: .seconds(86_400))
            #expect(pruned.keys == 3)
            let left = try await observer.value("select string_agg(key, ' ' order by key) from queue.unique_key")
            #expect(left == "living within")
        }
    }
}
