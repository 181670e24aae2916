import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// What had a job put in goes with it to its end, and what a run took is told.
@Suite("What a job comes from", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct OriginTests {
    private struct Handler: JobHandler {
        let kind: String
        var fails = false

        func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
            if fails { throw Refusal() }
            return try await lease.finish()
        }
    }

    private struct Refusal: Error {}

    private func withServer(_ body: (TestDatabase, Pool, ServerObserver) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(shared: 1, leased: 6) { try await body(database, $0, observer) }
    }

    /// Runs a worker until an event of a job was picked.
    private func event(
        of job: Int64,
        _ handler: Handler,
        on pool: Pool,
        attempts: Int = 1,
        _ pick: @escaping (QueueEvent) -> JobRun?
    ) async throws -> JobRun {
        var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
        configuration.retry.maximumAttempts = attempts
        let log = EventLog<QueueEvent>()
        let worker = Worker(pool: pool, configuration: configuration, handlers: [handler]) { log.record($0) }
        async let run: Void = worker.run()
        let found = try await log.first { pick($0).flatMap { $0.job == job ? $0 : nil } }
        worker.stop()
        await run
        return found
    }

    private func enqueue(_ kind: String, _ origin: String?, on pool: Pool) async throws -> Int64 {
        try await pool.withSession(until: .after(.seconds(30))) { session in
            try await session.enqueue(NewJob(kind: kind, payload: JSONText("{}"), origin: origin)).id
        }
    }

    @Test("is told with its good end, and kept with it")
    func finished() async throws {
        try await withServer { _, pool, observer in
            let job = try await enqueue("origin_done", "call-7", on: pool)
            // As if it had been due for a minute.
            try await observer.execute("update queue.live set run_at = run_at - interval '60 s' where id = \(job)")
            let run = try await event(of: job, Handler(kind: "origin_done"), on: pool) {
                if case .finished(let run) = $0 { run } else { nil }
            }
            #expect(run.kind == "origin_done" && run.origin == "call-7")
            #expect(run.waited >= .seconds(60) && run.waited < .seconds(180))
            #expect(run.ran >= .zero && run.ran < .seconds(60))
            #expect(try await observer.value("select origin from queue.outcome where id = \(job)") == "call-7")
            let shown = try await QueueInspector(pool: pool).job(job, until: .after(.seconds(30)))
            #expect(shown?.text.contains(#""origin":"call-7""#) == true, "\(shown?.text ?? "")")
        }
    }

    @Test("is told with a failure, and still known when the dead job comes back")
    func failed() async throws {
        try await withServer { _, pool, observer in
            let job = try await enqueue("origin_dead", "call-8", on: pool)
            let handler = Handler(kind: "origin_dead", fails: true)
            let run = try await event(of: job, handler, on: pool) {
                if case .failed(let run, "dead", _) = $0 { run } else { nil }
            }
            #expect(run.origin == "call-8")
            #expect(try await JobControl(pool: pool).retry(job, until: .after(.seconds(30)))?.isChanged == true)
            #expect(try await observer.value("select origin from queue.live where id = \(job)") == "call-8")
            try await observer.execute("select queue.cancel(\(job))")
        }
    }

    @Test("is unknown where nobody told it, cut where it is long, and one for each of many that come together")
    func plainSQL() async throws {
        try await withServer { _, pool, observer in
            let job = try await enqueue("origin_none", nil, on: pool)
            let run = try await event(of: job, Handler(kind: "origin_none"), on: pool) {
                if case .finished(let run) = $0 { run } else { nil }
            }
            #expect(run.origin == nil)
            let rows = try await observer.execute(
                """
                select queue.enqueue('origin_sql', '{}', origin => repeat('ü', 300));
                select queue.enqueue_many(array['origin_sql', 'origin_sql'], array['{}', '{}']::jsonb[], origins => '{x,null}');
                select queue.enqueue_many(
                    array['origin_sql'], array['{}']::jsonb[], unique_keys => array['origin'], origins => '{keyed}'
                );
                select origin from queue.live where kind = 'origin_sql' order by id
                """
            )
            #expect(rows.map { $0[0] } == [String(repeating: "ü", count: 128), "x", nil, "keyed"])
        }
    }

    @Test("is kept for each of many that come in one call, with keys and without", arguments: [nil, "origin_key"])
    func many(key: String?) async throws {
        try await withServer { _, pool, observer in
            let kind = "origin_many_\(key ?? "none")"
            let jobs = ["one", nil, "three"].map { origin in
                NewJob(
                    kind: kind,
                    payload: JSONText("{}"),
                    uniqueKey: key.map { "\($0)\(origin ?? "")" },
                    origin: origin
                )
            }
            let put = try await pool.enqueue(jobs, until: .after(.seconds(30)))
            let rows = try await observer.execute("select id, origin from queue.live where kind = '\(kind)'")
            let origins = Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", $0[1]) })
            #expect(put.map { origins["\($0.id)"] ?? nil } == ["one", nil, "three"])
        }
    }

    @Test("moves to another generation with its job")
    func moved() async throws {
        try await withServer { _, pool, observer in
            let job = try await enqueue("origin_moved", "call-9", on: pool)
            try await observer.execute("select queue.move_few(0::smallint, 1::smallint)")
            #expect(
                try await observer.execute("select generation, origin from queue.live where id = \(job)")
                    == [["1", "call-9"]]
            )
            try await observer.execute("select queue.cancel(\(job))")
        }
    }

    @Test("a worker's row tells how many jobs it has done and how many attempts have failed")
    func tally() async throws {
        try await withServer { _, pool, observer in
            let good = Handler(kind: "tally_good")
            let bad = Handler(kind: "tally_bad", fails: true)
            for _ in 0..<3 { _ = try await enqueue("tally_good", nil, on: pool) }
            for _ in 0..<2 { _ = try await enqueue("tally_bad", nil, on: pool) }
            var configuration = WorkerConfiguration(program: "tally", host: "here", processID: 1)
            configuration.retry.maximumAttempts = 1
            let worker = Worker(pool: pool, configuration: configuration, handlers: [good, bad])
            async let run: Void = worker.run()
            try await observer.wait(
                for: "exists (select from queue.worker where program = 'tally' and done = 3 and failed = 2)"
            )
            worker.stop()
            await run
        }
    }
}
