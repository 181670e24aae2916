import JobQueue
import Postgres
import Synchronization
import TestSupport
import Testing

/// Whole workers in this process against a real queue. Each test has a kind of its own, so they may run side by side.
@Suite("A worker", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct WorkerTests {
    /// A handler made of a closure.
    private struct Handler: JobHandler {
        let kind: String
        let body: @Sendable (Job, consuming Lease) async throws -> Finished

        func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished { try await body(job, lease) }
    }

    private struct Refusal: Error {}

    /// Runs a worker until the body has returned.
    private func withWorker(
        _ handlers: [any JobHandler],
        configure: (inout WorkerConfiguration) -> Void = { _ in },
        _ body: (ServerObserver, EventLog<QueueEvent>) async throws -> Void
    ) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(shared: 1, leased: 6) { pool in
            var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
            configuration.retry.base = .zero
            configure(&configuration)
            let log = EventLog<QueueEvent>()
            let worker = Worker(pool: pool, configuration: configuration, handlers: handlers) { log.record($0) }
            async let run: Void = worker.run()
            try await body(observer, log)
            worker.stop()
            await run
        }
    }

    private func enqueue(_ kind: String, on observer: ServerObserver) async throws -> Int64 {
        let id = try await observer.value("select id from queue.enqueue('\(kind)', '{}')")
        return try #require(id.flatMap { Int64($0) })
    }

    private func effects(of job: Int64, on observer: ServerObserver) async throws -> String? {
        try await observer.value("select count(*) from queue.probe_effect where job = \(job)")
    }

    private static func leaveEffect(_ job: Int64) -> SQL {
        SQL("effect", "insert into queue.probe_effect (job, attempt, worker) values (\(job), 1, 'test')")
    }

    @Test("leaves no lease behind, whatever became of its jobs")
    func leases() async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            let handler = Handler(kind: "leased") { job, lease in
                switch job.payload.text {
                case "1": try await lease.finish()
                case "2": try await lease.finish { _ in }
                case "3": try await lease.snooze(for: .seconds(3600))
                default: throw Refusal()
                }
            }
            try await database.withPool(shared: 1, leased: 6) { pool in
                for number in 1...20 {
                    try await observer.execute("select queue.enqueue('leased', '\(number % 4)')")
                }
                var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
                configuration.retry.base = .seconds(3600)
                let worker = Worker(pool: pool, configuration: configuration, handlers: [handler])
                async let run: Void = worker.run()
                try await observer.wait(for: "not exists (select from queue.job where state in ('ready', 'running'))")
                worker.stop()
                await run
            }
            let states = try await observer.execute(
                "select state, count(*) from queue.job group by state order by state"
            )
            #expect(states == [["done", "10"], ["failed", "5"], ["scheduled", "5"]])
            #expect(try await observer.value("select count(*) from queue.lease") == "0")
        }
    }

    @Test("commits a job's effects with its completion")
    func finish() async throws {
        let handler = Handler(kind: "finish") { job, lease in
            try await lease.finish(result: JSONText(#"{"ok":true}"#)) { session in
                _ = try await session.command(Self.leaveEffect(job.id))
            }
        }
        try await withWorker([handler]) { observer, _ in
            let job = try await enqueue("finish", on: observer)
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
            #expect(try await effects(of: job, on: observer) == "1")
            #expect(try await observer.value("select result ->> 'ok' from queue.job where id = \(job)") == "true")
        }
    }

    @Test("runs a job again that a handler refused, and counts the attempts")
    func retry() async throws {
        let handler = Handler(kind: "retry") { job, lease in
            guard job.attempt == 2 else { throw Refusal() }
            return try await lease.finish { _ in }
        }
        try await withWorker([handler]) { observer, _ in
            let job = try await enqueue("retry", on: observer)
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
            #expect(try await observer.value("select attempt from queue.job where id = \(job)") == "2")
            #expect(try await observer.value("select crashes from queue.job where id = \(job)") == "0")
        }
    }

    @Test("buries a job that was refused too often, with the reason")
    func dead() async throws {
        let handler = Handler(kind: "dead") { _, _ in throw Refusal() }
        try await withWorker([handler], configure: { $0.retry.maximumAttempts = 3 }) { observer, _ in
            let job = try await enqueue("dead", on: observer)
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'dead')")
            #expect(try await observer.value("select attempt from queue.job where id = \(job)") == "3")
            let reason = try await observer.value("select last_error from queue.job where id = \(job)")
            #expect(reason?.contains("Refusal") == true)
        }
    }

    @Test("rolls back what a handler did before it failed inside its transaction")
    func effectsOfFailure() async throws {
        let handler = Handler(kind: "half") { job, lease in
            guard job.attempt > 0 else {
                return try await lease.finish { session in
                    _ = try await session.command(Self.leaveEffect(job.id))
                    throw Refusal()
                }
            }
            return try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        try await withWorker([handler]) { observer, _ in
            let job = try await enqueue("half", on: observer)
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
            #expect(try await effects(of: job, on: observer) == "1")
        }
    }

    @Test("leaves nothing behind when its job was given to another meanwhile")
    func fence() async throws {
        let handler = Handler(kind: "fenced") { job, lease in
            try await lease.finish { session in
                _ = try await session.command(Self.leaveEffect(job.id))
                // What a rescuer does that takes this worker for dead.
                _ = try await session.command(
                    SQL("steal", "update queue.live set lease = nextval('queue.lease_token') where id = \(job.id)")
                )
            }
        }
        try await withWorker([handler]) { observer, log in
            let job = try await enqueue("fenced", on: observer)
            _ = try await log.first { if case .leaseLost(let run) = $0, run.job == job { true } else { nil } }
            #expect(try await effects(of: job, on: observer) == "0")
            #expect(try await observer.value("select state from queue.job where id = \(job)") == "running")
        }
    }

    @Test("frees the jobs of a worker whose session is gone, and counts the crash apart from the attempts")
    func rescue() async throws {
        let handler = Handler(kind: "rescued") { job, lease in
            try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        try await withWorker([handler]) { observer, _ in
            // A worker that died with a claimed job: its row is there, its lock is not.
            let job = try await observer.value(
                """
                with ghost as (
                    insert into queue.worker (program, host, pid) values ('ghost', 'here', 0) returning id
                ),
                job as (
                    insert into queue.live (kind, payload, lease, worker, deadline)
                    select 'rescued', '{}', nextval('queue.lease_token'), id, clock_timestamp() + interval '1 hour'
                    from ghost returning *
                )
                insert into queue.lease (token, generation, worker, jobs, until)
                select lease, generation, worker, array[id], deadline from job returning jobs[1]
                """
            )
            let id = try #require(job.flatMap { Int64($0) })
            try await observer.wait(for: "exists (select from queue.job where id = \(id) and state = 'done')")
            #expect(try await effects(of: id, on: observer) == "1")
            let counts = try await observer.execute("select attempt, crashes from queue.job where id = \(id)")
            #expect(counts == [["0", "1"]])
        }
    }

    @Test("quarantines a job whose process vanished three times")
    func quarantine() async throws {
        try await withWorker([]) { observer, _ in
            let job = try await observer.value(
                """
                with job as (
                    insert into queue.live (kind, payload, lease, worker, deadline, crashes)
                    values ('poison', '{}', nextval('queue.lease_token'), 0, clock_timestamp() + interval '1 hour', 2)
                    returning *
                )
                insert into queue.lease (token, generation, worker, jobs, until)
                select lease, generation, worker, array[id], deadline from job returning jobs[1]
                """
            )
            let id = try #require(job)
            try await observer.wait(for: "exists (select from queue.job where id = \(id) and state = 'dead')")
            #expect(try await observer.value("select crashes from queue.job where id = \(id)") == "3")
        }
    }

    @Test("cancels a handler that runs past its limit, and goes on claiming")
    func hung() async throws {
        let handler = Handler(kind: "hung") { job, lease in
            if job.attempt == 0 { try await Task.sleep(for: .seconds(3600)) }
            return try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        let short = { @Sendable (configuration: inout WorkerConfiguration) in
            configuration.jobLimit = .milliseconds(200)
            configuration.concurrency = 1
        }
        try await withWorker([handler], configure: short) { observer, _ in
            let job = try await enqueue("hung", on: observer)
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
            let row = try await observer.execute("select attempt, crashes from queue.job where id = \(job)")
            #expect(row == [["1", "0"]])
            #expect(try await effects(of: job, on: observer) == "1")
        }
    }

    @Test("takes a job back whose deadline the worker itself did not keep")
    func pastDeadline() async throws {
        let handler = Handler(kind: "overdue") { job, lease in
            try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        try await withWorker([handler]) { observer, log in
            let worker = try await log.first { if case .registered(let worker) = $0 { worker } else { nil } }
            let job = try await observer.value(
                """
                with job as (
                    insert into queue.live (kind, payload, lease, worker, deadline)
                    values ('overdue', '{}', nextval('queue.lease_token'), \(worker), clock_timestamp()) returning *
                )
                insert into queue.lease (token, generation, worker, jobs, until)
                select lease, generation, worker, array[id], deadline from job returning jobs[1]
                """
            )
            let id = try #require(job.flatMap { Int64($0) })
            try await observer.wait(for: "exists (select from queue.job where id = \(id) and state = 'done')")
            #expect(try await observer.value("select crashes from queue.job where id = \(id)") == "1")
        }
    }

    @Test("keeps its jobs when only its session is lost, and charges them no crash")
    func lostSession() async throws {
        let (entered, mayEnd) = (EventLog<Int64>(), EventLog<Bool>())
        let handler = Handler(kind: "survivor") { job, lease in
            entered.record(lease.worker)
            _ = try await mayEnd.next()
            return try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        try await withWorker([handler]) { observer, _ in
            let job = try await enqueue("survivor", on: observer)
            let worker = try await entered.next()
            let holder = """
                select pid from pg_locks where locktype = 'advisory' and classid = 7411 and objid = \(worker) and granted
                    and database = (select oid from pg_database where datname = current_database())
                """
            let lock = try await observer.value(holder)
            let session = try #require(lock)
            try await observer.execute("select pg_terminate_backend(\(session))")
            try await observer.wait(for: "(\(holder)) <> \(session)")
            mayEnd.record(true)
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
            #expect(try await observer.value("select crashes from queue.job where id = \(job)") == "0")
            #expect(try await effects(of: job, on: observer) == "1")
        }
    }

    @Test("gives back what it holds by a claim whose answer was lost")
    func strays() async throws {
        let handler = Handler(kind: "stray") { job, lease in
            try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        // Alone in a database: it locks the queue and ends every claim that stands there.
        try await withDatabase { database in
            try await database.migrate()
            try await TestDatabase.$current.withValue(database) { try await loseClaim(of: handler) }
        }
    }

    private func loseClaim(of handler: Handler) async throws {
        try await withWorker([handler]) { observer, log in
            let worker = try await log.first { if case .registered(let worker) = $0 { worker } else { nil } }
            let other = try await TestDatabase.required().observer()
            defer { other.close() }
            let claiming = """
                select pid from pg_stat_activity
                where datname = current_database() and query like '-- claim%' and wait_event_type = 'Lock'
                """
            try await observer.execute("begin; lock table queue.live in access exclusive mode")
            // As a claim leaves it that committed on the server after its client had lost the connection.
            let job = try await observer.value(
                """
                with job as (
                    insert into queue.live (kind, payload, lease, worker, deadline)
                    values ('stray', '{}', nextval('queue.lease_token'), \(worker), clock_timestamp() + interval '1 hour')
                    returning *
                )
                insert into queue.lease (token, generation, worker, jobs, until)
                select lease, generation, worker, array[id], deadline from job returning jobs[1]
                """
            )
            try await other.wait(for: "exists (\(claiming))")
            try await other.execute("select pg_terminate_backend(pid) from (\(claiming)) blocked")
            try await observer.execute("commit")
            let id = try #require(job)
            try await observer.wait(for: "exists (select from queue.job where id = \(id) and state = 'done')")
            #expect(try await observer.value("select crashes from queue.job where id = \(id)") == "0")
        }
    }

    @Test("lets running jobs end when it is told to stop, and gives back what it had to cut off")
    func stop() async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(shared: 1, leased: 6) { pool in
            var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
            configuration.grace = .zero
            let log = EventLog<Int64>()
            let handler = Handler(kind: "cut") { job, lease in
                log.record(job.id)
                try await Task.sleep(for: .seconds(3600))
                return try await lease.finish { _ in }
            }
            let worker = Worker(pool: pool, configuration: configuration, handlers: [handler])
            async let run: Void = worker.run()
            let job = try await enqueue("cut", on: observer)
            #expect(try await log.next() == job)
            worker.stop()
            await run
            let row = try await observer.execute("select state, attempt, crashes from queue.job where id = \(job)")
            #expect(row == [["ready", "0", "0"]])
        }
    }

    @Test("does many jobs with several workers, each exactly once")
    func many() async throws {
        let handler = Handler(kind: "many") { job, lease in
            try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        try await withWorker([handler]) { observer, _ in
            try await withWorker([handler]) { _, _ in
                try await observer.execute("select queue.enqueue('many', '{}') from generate_series(1, 300)")
                try await observer.wait(
                    for: "(select count(*) from queue.job where kind = 'many' and state = 'done') = 300"
                )
                let doubled = try await observer.value(
                    """
                    select count(*) from queue.job left join queue.probe_effect on probe_effect.job = job.id
                    where job.kind = 'many'
                    """
                )
                #expect(doubled == "300")
            }
        }
    }

    @Test("puts a job off that its handler snoozes, without a charge")
    func snooze() async throws {
        let runs = EventLog<Int64>()
        let handler = Handler(kind: "snoozed") { job, lease in
            runs.record(job.id)
            guard job.payload.text.contains("again") else { return try await lease.snooze(for: .seconds(3600)) }
            return try await lease.finish { _ in }
        }
        try await withWorker([handler]) { observer, log in
            let job = try await enqueue("snoozed", on: observer)
            _ = try await log.first { if case .snoozed(let run) = $0, run.job == job { true } else { nil } }
            let row = try await observer.execute("select state, attempt, crashes from queue.job where id = \(job)")
            #expect(row == [["scheduled", "0", "0"]])
            // An operator need not wait for it.
            try await observer.execute(
                "update queue.live set payload = '\"again\"' where id = \(job); select queue.retry(\(job))"
            )
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
        }
    }

    @Test("stops a running job that somebody cancels, undoes its work, and goes on with the next")
    func cancelRunning() async throws {
        let entered = EventLog<Int64>()
        let handler = Handler(kind: "cancelled") { job, lease in
            entered.record(job.id)
            if job.payload.text == "{}" { try await Task.sleep(for: .seconds(3600)) }
            return try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        try await withWorker([handler], configure: { $0.concurrency = 1 }) { observer, log in
            let job = try await enqueue("cancelled", on: observer)
            _ = try await entered.next()
            #expect(try await observer.execute("select * from queue.cancel(\(job))") == [["running", "t"]])
            _ = try await log.first { if case .cancelled(let run) = $0, run.job == job { true } else { nil } }
            let row = try await observer.execute("select state, attempt, crashes from queue.job where id = \(job)")
            #expect(row == [["cancelled", "0", "0"]])
            #expect(try await effects(of: job, on: observer) == "0")
            let next = try await observer.value("select id from queue.enqueue('cancelled', '1')")
            try await observer.wait(for: "exists (select from queue.job where id = \(next ?? "") and state = 'done')")
        }
    }

    @Test("does not cancel a job that ends in time: done is done")
    func cancelTooLate() async throws {
        let (entered, mayEnd) = (EventLog<Int64>(), EventLog<Bool>())
        let handler = Handler(kind: "stubborn") { job, lease in
            entered.record(job.id)
            // Deaf to its task's cancellation.
            await Task { _ = try? await mayEnd.next() }.value
            return try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        try await withWorker([handler]) { observer, log in
            let job = try await enqueue("stubborn", on: observer)
            _ = try await entered.next()
            #expect(try await observer.execute("select * from queue.cancel(\(job))") == [["running", "t"]])
            mayEnd.record(true)
            // Whether the cancelling reached its transaction or came too late, it is one or the other.
            try await observer.wait(
                for: "exists (select from queue.job where id = \(job) and state in ('done', 'cancelled'))"
            )
            let state = try await observer.value("select state from queue.job where id = \(job)")
            #expect(try await effects(of: job, on: observer) == (state == "done" ? "1" : "0"))
        }
    }

    @Test("keeps to the limit of a kind")
    func limitOfKind() async throws {
        struct Impatient: JobHandler {
            let kind = "impatient"
            let limit: Duration? = .milliseconds(100)

            func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
                if job.attempt == 0 { try await Task.sleep(for: .seconds(3600)) }
                return try await lease.finish { _ in }
            }
        }
        try await withWorker([Impatient()]) { observer, _ in
            let job = try await enqueue("impatient", on: observer)
            try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
            let error = try await observer.value("select last_error from queue.job where id = \(job)")
            #expect(error == "the job took longer than 0.1 seconds")
        }
    }

    @Test("gives back what it keeps in store when its handlers get stuck, so that others can do it")
    func store() async throws {
        let (entered, mayEnd) = (EventLog<Int64>(), EventLog<Bool>())
        let first = Mutex(500)
        let handler = Handler(kind: "stored") { job, lease in
            let isQuick = first.withLock { left in
                left -= 1
                return left >= 0
            }
            if !isQuick {
                entered.record(job.id)
                _ = try await mayEnd.next()
            }
            return try await lease.finish()
        }
        try await withWorker([handler], configure: { $0.concurrency = 2 }) { observer, _ in
            try await observer.execute("select queue.enqueue('stored', '{}') from generate_series(1, 2000)")
            for _ in 0..<2 { _ = try await entered.next() }
            let count = { (state: String) in
                "(select count(*) from queue.job where kind = 'stored' and state = '\(state)')"
            }
            try await observer.wait(for: "\(count("running")) = 2 and \(count("ready")) = 1498")
            let charged = "select count(*) from queue.job where kind = 'stored' and attempt + crashes > 0"
            #expect(try await observer.value(charged) == "0")
            for _ in 0..<2000 { mayEnd.record(true) }
        }
    }
}
