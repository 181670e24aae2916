import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// A worker with its scheduler, by the server's own clock.
@Suite("A worker's schedule", .needsServer, .timeLimit(.minutes(1)))
struct SchedulingWorkerTests {
    private func withWorker(
        _ handlers: (Pool) -> [any JobHandler],
        _ body: (ServerObserver) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool(shared: 1, leased: 6) { pool in
                var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
                configuration.retry.base = .zero
                configuration.retry.maximumAttempts = 2
                let worker = Worker(pool: pool, configuration: configuration, handlers: handlers(pool))
                async let run: Void = worker.run()
                try await body(observer)
                worker.stop()
                await run
            }
        }
    }

    private static let nightly = Schedule(
        name: "nightly",
        cron: CronExpression(dailyAtHour: 0, minute: 0),
        kind: "probe",
        payload: JSONText(#"{"sleep_ms":1}"#)
    )

    @Test("is put in, fired and done")
    func probe() async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool(shared: 1, leased: 6) { pool in
                try await Scheduler(pool: pool, defaults: [Self.nightly]) { _ in }.register()
                // As if nobody had been there for a day.
                try await observer.execute(
                    """
                    update queue.schedule set decided_until = decided_until - interval '1 day',
                        next_due_at = next_due_at - interval '1 day'
                    """
                )
                var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
                configuration.schedules = [Self.nightly]
                let worker = Worker(pool: pool, configuration: configuration, handlers: [ProbeHandler()])
                async let run: Void = worker.run()
                try await observer.wait(for: "exists (select from queue.job where state = 'done')")
                #expect(try await observer.value("select count(*) from queue.probe_effect") == "1")
                let due = try await observer.value("select payload -> '_schedule' ->> 'due_at' from queue.job")
                #expect(due?.hasSuffix("T00:00:00Z") == true)
                worker.stop()
                await run
            }
        }
    }

    @Test("has old outcomes pruned by a job of its own kind")
    func prune() async throws {
        try await withWorker({ [PruneHandler(pool: $0)] }) { observer in
            try await observer.execute(
                """
                insert into queue.outcome (
                    id, kind, state, priority, attempt, crashes, enqueued_at, run_at, finished_at, payload
                )
                select nextval('queue.job_id'), 'a', 'done', 100, 0, 0, now() - interval '1 day' * days, now(),
                    now() - interval '1 day' * days, '{}'
                from unnest(array[40, 20, 10]) as days order by days desc;
                insert into queue.unique_key (key, job, keep_until) values ('k', -1, now() - interval '1 s');
                """
            )
            let job =
                try await observer.value("select id from queue.enqueue('prune', '{\"older_than_days\": 15}')") ?? ""
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
            #expect(
                try await observer.value("select result from queue.job where id = \(job)")
                    == #"{"outcomes": 2, "unique_keys": 1}"#
            )
            #expect(try await observer.value("select count(*) from queue.job where kind = 'a'") == "1")
            // 30 days unless it says otherwise.
            let other = try await observer.value("select id from queue.enqueue('prune', '{}')") ?? ""
            try await observer.wait(for: "exists (select from queue.job where id = \(other) and state = 'done')")
            #expect(try await observer.value("select count(*) from queue.job where kind = 'a'") == "1")
        }
    }

    @Test(
        "has a prune with a senseless age refused, with the reason",
        arguments: [
            ("0", "from 1 to 36500"), ("-1", "from 1 to 36500"), ("36501", "from 1 to 36500"),
            ("\"x\"", "older_than_days"),
        ]
    )
    func badPrune(age: String, reason: String) async throws {
        try await withWorker({ [PruneHandler(pool: $0)] }) { observer in
            let payload = "{\"older_than_days\": \(age)}"
            let job = try await observer.value("select id from queue.enqueue('prune', '\(payload)')") ?? ""
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'dead')")
            let error = try await observer.value("select last_error from queue.job where id = \(job)")
            #expect(error?.contains(reason) == true, "\(error ?? "")")
        }
    }
}
