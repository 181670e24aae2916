import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// Workers as they are behind a transaction pooler. A database each, since they look at all sessions of theirs.
@Suite("A worker that polls only", .needsServer, .timeLimit(.minutes(1)))
struct PollOnlyTests {
    private struct Handler: JobHandler {
        let kind = "polled"
        let entered: EventLog<Int64>
        let mayEnd: EventLog<Bool>

        func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
            entered.record(lease.worker)
            _ = try await mayEnd.next()
            return try await lease.finish()
        }
    }

    private struct Stage {
        let pool: Pool
        let observer: ServerObserver
        let entered: EventLog<Int64>
        let mayEnd: EventLog<Bool>
    }

    /// Has a job running in such a worker while the body runs, and lets it end.
    private func withRunningJob(_ body: (Stage, _ worker: Int64) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool(shared: 1, leased: 6) { pool in
                var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
                configuration.isPollOnly = true
                configuration.heartbeatInterval = .milliseconds(20)
                let stage = Stage(pool: pool, observer: observer, entered: EventLog(), mayEnd: EventLog())
                let handler = Handler(entered: stage.entered, mayEnd: stage.mayEnd)
                let worker = Worker(pool: pool, configuration: configuration, handlers: [handler])
                async let run: Void = worker.run()
                try await observer.execute("select queue.enqueue('polled', '{}')")
                try await body(stage, try await stage.entered.next())
                stage.mayEnd.record(true)
                try await observer.wait(for: "(select state from queue.job) = 'done'")
                #expect(try await observer.execute("select attempt, crashes from queue.job") == [["0", "0"]])
                worker.stop()
                await run
                #expect(try await observer.value("select count(*) from queue.worker") == "0")
            }
        }
    }

    private func rescue(_ stage: Stage, silence: Duration) async throws -> Int {
        let statement = RescueJobs(
            silence: silence,
            patience: .zero,
            maximumCrashes: 3,
            isThorough: false
        )
        return try await stage.pool.execute(statement, until: .after(.seconds(20))).freed
    }

    @Test("holds no lock, and nobody takes that for its death")
    func unlocked() async throws {
        try await withRunningJob { stage, worker in
            let locks = """
                select count(*) from pg_locks where locktype = 'advisory' and classid = 7411
                    and database = (select oid from pg_database where datname = current_database())
                """
            #expect(try await stage.observer.value(locks) == "0")
            #expect(try await rescue(stage, silence: .seconds(10)) == 0)
            // As a worker it would be dead that has a lock to hold.
            try await stage.observer.execute("begin; update queue.worker set poll_only = false")
            let isFree = try await stage.observer.value("select pg_try_advisory_xact_lock(7411, \(worker))")
            #expect(isFree == "t")
            try await stage.observer.execute("rollback")
        }
    }

    @Test("is rescued from when it has been silent for long")
    func silent() async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool { pool in
                // One that was heard of five seconds ago, with a lock and without.
                try await observer.execute(
                    """
                    with silent as (
                        insert into queue.worker (program, host, pid, seen_at, poll_only)
                        select 'ghost', 'here', 0, clock_timestamp() - interval '5 seconds', poll_only
                        from unnest('{true,false}'::boolean[]) as poll_only
                        returning id, poll_only
                    ),
                    job as (
                        insert into queue.live (kind, payload, lease, worker, deadline)
                        select
                            'polled', json_build_object('poll_only', poll_only), id, id,
                            clock_timestamp() + interval '1 hour'
                        from silent returning *
                    )
                    insert into queue.lease (token, generation, worker, jobs, until)
                    select lease, generation, worker, array[id], deadline from job
                    """
                )
                let stage = Stage(pool: pool, observer: observer, entered: EventLog(), mayEnd: EventLog())
                // The server may have just started, within which time no lock counts.
                try await observer.wait(for: "clock_timestamp() > pg_postmaster_start_time() + interval '5 seconds'")
                #expect(try await rescue(stage, silence: .seconds(60)) == 1)
                #expect(
                    try await observer.execute("select payload ->> 'poll_only' from queue.live where lease is not null")
                        == [["true"]]
                )
                #expect(try await rescue(stage, silence: .seconds(4)) == 1)
            }
        }
    }

    @Test("stays who it is when all of its sessions are lost")
    func lostSessions() async throws {
        try await withRunningJob { stage, worker in
            for _ in 0..<3 {
                try await stage.observer.execute(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
                    """
                )
                let now = try await stage.observer.value("select clock_timestamp()") ?? ""
                try await stage.observer.wait(for: "(select seen_at from queue.worker) > '\(now)'")
                #expect(try await stage.observer.execute("select id from queue.worker") == [["\(worker)"]])
            }
        }
    }
}
