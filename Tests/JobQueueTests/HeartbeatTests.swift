import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// What a worker sees as it shows that it lives. A database each, since a look sees all.
@Suite("A heartbeat", .needsServer, .timeLimit(.minutes(2)))
struct HeartbeatTests {
    /// How a job may come to be waiting, and whether a claim would bring it.
    private static let waits: [(String, isDue: Bool)] = [
        ("select queue.enqueue('a', '{}')", true),
        ("select queue.enqueue('a', '{}', 'p')", true),
        ("select queue.enqueue('other', '{}')", false),
        ("select queue.enqueue('a', '{}', run_at => now() + interval '1 hour')", false),
        (
            "insert into queue.live (kind, payload, run_at, later) values ('a', '{}', now() - interval '1 s', true)",
            true
        ),
        ("select queue.enqueue('a', '{}'); insert into queue.pause (scope, name) values ('kind', 'a')", false),
        ("insert into queue.live (kind, payload, lease, worker) values ('a', '{}', 1, 1)", false),
        ("insert into queue.live (kind, payload, crashes) values ('a', '{}', 1)", false),
    ]

    @Test("tells of jobs that a claim would bring, and of no others", arguments: waits)
    func due(_ put: String, isDue: Bool) async throws {
        try await TestQueue.with { queue in
            #expect(try await queue.look(for: ["a", "b"]).isDue == false)
            try await queue.observer.execute(put)
            #expect(try await queue.look(for: ["a", "b"]).isDue == isDue)
        }
    }

    @Test("tells of a process that is silent, and of one whose lock is free unless the server has just begun")
    func lost() async throws {
        try await TestQueue.with { queue in
            try await queue.setServerStart("'-infinity'::timestamptz")
            func sees(silence: Duration, patience: Duration) async throws -> Bool {
                let beat = Beat(
                    worker: 1,
                    pace: 0,
                    tally: Tally.Count(),
                    silence: silence,
                    patience: patience,
                    handled: [],
                    sought: []
                )
                return try #require(try await queue.pool.execute(beat, until: .after(.seconds(20)))).othersLost
            }
            try await queue.observer.execute(
                """
                insert into queue.worker (program, host, pid) values ('me', 'here', 0);
                insert into queue.worker (program, host, pid, seen_at)
                values ('other', 'there', 0, now() - interval '1 minute');
                select pg_advisory_lock(7411, id::integer) from queue.worker
                """
            )
            #expect(try await sees(silence: .seconds(3600), patience: .seconds(1)) == false)
            #expect(try await sees(silence: .seconds(30), patience: .seconds(1)))
            try await queue.observer.execute("select pg_advisory_unlock(7411, 2)")
            #expect(try await sees(silence: .seconds(3600), patience: .seconds(1)))
            #expect(try await sees(silence: .seconds(3600), patience: .seconds(3600)) == false)
            // Then nobody has had the time to take a lock again.
            try await queue.setServerStart("clock_timestamp()")
            #expect(try await sees(silence: .seconds(3600), patience: .seconds(1)) == false)
        }
    }

    @Test("of a worker that others took for dead is answered with nothing")
    func unknown() async throws {
        try await TestQueue.with { queue in
            let rows = try await queue.observer.execute(
                "select * from queue.beat(1, 0, 0, 0, '1 s', '1 s', '{}', '{}')"
            )
            #expect(rows == [])
        }
    }

    private struct Handler: JobHandler {
        let kind = "a"

        func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished { try await lease.finish() }
    }

    @Test("has an idle worker that hears find the jobs of which nobody tells it")
    func unannounced() async throws {
        try await TestQueue.with { queue in
            var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
            configuration.wake.listener = queue.database.configuration
            // So that it never claims unasked.
            configuration.wake.pollInterval = .seconds(3600)
            let log = EventLog<QueueEvent>()
            let worker = Worker(pool: queue.pool, configuration: configuration, handlers: [Handler()]) {
                log.record($0)
            }
            async let run: Void = worker.run()
            try await log.first { if case .listening = $0 { () } else { nil } }
            for rest in ["", ", run_at => queue.now() + interval '1 second'"] {
                let job = try await queue.enqueue("a", rest)
                try await queue.observer.wait(
                    for: "exists (select from queue.job where id = \(job) and state = 'done')"
                )
            }
            worker.stop()
            await run
        }
    }
}
