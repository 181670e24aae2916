import JobQueue
import Postgres
import TestSupport
import Testing

@Suite("A worker", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct WorkerTests: WorkerStage {
    private struct Refusal: Error {}

    @Test("leaves no lease behind, whatever became of its jobs")
    func leases() async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            let handler = ClosureHandler(kind: "leased") { job, lease in
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
        let handler = ClosureHandler(kind: "finish") { job, lease in
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
        let handler = ClosureHandler(kind: "retry") { job, lease in
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
        let handler = ClosureHandler(kind: "dead") { _, _ in throw Refusal() }
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
        let handler = ClosureHandler(kind: "half") { job, lease in
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

    @Test("lets running jobs end when it is told to stop, and gives back what it had to cut off")
    func stop() async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(shared: 1, leased: 6) { pool in
            var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
            configuration.grace = .zero
            let log = EventLog<Int64>()
            let handler = ClosureHandler(kind: "cut") { job, lease in
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
        let handler = ClosureHandler(kind: "many") { job, lease in
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
        let handler = ClosureHandler(kind: "snoozed") { job, lease in
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
        let handler = ClosureHandler(kind: "cancelled") { job, lease in
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
        let handler = ClosureHandler(kind: "stubborn") { job, lease in
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
}
