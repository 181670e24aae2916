import JobQueue
import Postgres
import Synchronization
import TestSupport
import Testing

/// Processes that vanish, sessions and answers that are lost, handlers that hang.
@Suite("A worker in trouble", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct WorkerTroubleTests: WorkerStage {
    @Test("leaves nothing behind when its job was given to another meanwhile")
    func fence() async throws {
        let handler = ClosureHandler(kind: "fenced") { job, lease in
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

    private struct LeaveEffect: Command {
        static let sql = SQL(
            "leave_effect_alone",
            "insert into queue.probe_effect (job, attempt, worker) values ($1::bigint, 1, 'test')"
        )
        let job: Int64

        func bind(to parameters: inout Parameters) { parameters.append(job) }
    }

    @Test("ends a job alone with its effect, or neither where another has it by now", arguments: [true, false])
    func alone(isStolen: Bool) async throws {
        let kind = "alone_\(isStolen)"
        let database = try TestDatabase.required()
        let thief = try await database.observer()
        defer { thief.close() }
        let handler = ClosureHandler(kind: kind) { job, lease in
            if isStolen {
                try await thief.execute(
                    "update queue.live set lease = nextval('queue.lease_token') where id = \(job.id)"
                )
            }
            return try await lease.finishAlone(result: JSONText("7"), recording: LeaveEffect(job: job.id))
        }
        try await withWorker([handler]) { observer, log in
            let job = try await enqueue(kind, on: observer)
            let hasEnded = try await log.first { event in
                switch event {
                case .finished(let run) where run.job == job: true
                case .leaseLost(let run) where run.job == job: false
                default: nil
                }
            }
            #expect(hasEnded != isStolen)
            #expect(try await effects(of: job, on: observer) == (isStolen ? "0" : "1"))
            let row = try await observer.execute("select state, result from queue.job where id = \(job)")
            #expect(row == [isStolen ? ["running", nil] : ["done", "7"]])
        }
    }

    @Test("frees the jobs of a worker whose session is gone, and counts the crash apart from the attempts")
    func rescue() async throws {
        let handler = ClosureHandler(kind: "rescued") { job, lease in
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
        let handler = ClosureHandler(kind: "hung") { job, lease in
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
        let handler = ClosureHandler(kind: "overdue") { job, lease in
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
        let handler = ClosureHandler(kind: "survivor") { job, lease in
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
        let handler = ClosureHandler(kind: "stray") { job, lease in
            try await lease.finish { session in _ = try await session.command(Self.leaveEffect(job.id)) }
        }
        // Alone in a database: it locks the queue and ends every claim that stands there.
        try await withDatabase { database in
            try await database.migrate()
            try await TestDatabase.$current.withValue(database) { try await loseClaim(of: handler) }
        }
    }

    private func loseClaim(of handler: ClosureHandler) async throws {
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
        let handler = ClosureHandler(kind: "stored") { job, lease in
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
