import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// What a vanished process does to the count of its jobs, and who gets to run them then.
@Suite("A job whose process vanished", .needsServer, .timeLimit(.minutes(2)))
struct CrashCountTests {
    /// A thorough look that takes every worker for dead: none has a row.
    private static func rescue(_ most: Int = 3) -> String {
        "select freed, quarantined from queue.rescue('1 hour', '1 hour', \(most), true)"
    }

    @Test("keeps the count of its attempts, and is charged one crash for each time")
    func counts() async throws {
        try await TestQueue.with { queue in
            let job = try await queue.enqueue("a", park: "p", ", unique_key => 'k', priority => 7::smallint")
            try await queue.observer.execute("update queue.live set attempt = 5")
            for crashes in 1...2 {
                #expect(try await queue.claimed(count: 1) { $0.mostCrashesAlone = 9 }.count == 1)
                #expect(try await queue.observer.execute(Self.rescue()) == [["1", "0"]])
                #expect(try await queue.look(for: ["a"]).suspectsWait)
                let row = try await queue.observer.execute(
                    "select attempt, crashes, park, priority, unique_key, state from queue.job where id = \(job)"
                )
                #expect(row == [["5", "\(crashes)", "p", "7", "k", "ready"]])
            }
            _ = try await queue.claimed(count: 1) { $0.mostCrashesAlone = 9 }
            #expect(try await queue.observer.execute(Self.rescue()) == [["0", "1"]])
            #expect(try await queue.look(for: ["a"]).suspectsWait == false)
            #expect(try await queue.state(of: job) == "dead")
            // Its key is free for another.
            #expect(try await queue.enqueue("a", ", unique_key => 'k'") != job)
        }
    }

    @Test("comes by itself, before all others, to a worker that runs nothing; and to no other")
    func alone() async throws {
        try await TestQueue.with { queue in
            let usual = [try await queue.enqueue("a", ", priority => 1::smallint"), try await queue.enqueue("a")]
            let suspect = try await queue.enqueue("a")
            try await queue.observer.execute("update queue.live set crashes = 1 where id = \(suspect)")
            #expect(try await queue.claimed(count: 10) { $0.mostCrashesAlone = 2 }.map(\.job.id) == [suspect])
            try await queue.observer.execute(
                "select queue.release('{\(suspect)}', (select max(lease) from queue.live))"
            )
            #expect(try await queue.claim() == usual)
            #expect(try await queue.claim() == [])
        }
    }

    @Test("more often than its worker has proved itself for, waits for another worker")
    func steadiness() async throws {
        try await TestQueue.with { queue in
            let job = try await queue.enqueue("a")
            try await queue.observer.execute("update queue.live set crashes = 2")
            #expect(try await queue.claimed { $0.mostCrashesAlone = 1 }.isEmpty)
            #expect(try await queue.claimed { $0.mostCrashesAlone = 2 }.map(\.job.id) == [job])
        }
    }

    @Test("more than once is left alone by a young process, as that may be the next to vanish")
    func youngProcess() async throws {
        try await TestQueue.with { queue in
            let jobs = [try await queue.enqueue("a"), try await queue.enqueue("a")]
            try await queue.observer.execute("update queue.live set crashes = 2 where id = \(jobs[0])")
            try await queue.observer.execute("update queue.live set crashes = 1 where id = \(jobs[1])")
            try await withWorker(of: queue, LookAround { _ in }, steadyAfter: .seconds(3600)) {
                try await queue.observer.wait(for: "(select state from queue.job where id = \(jobs[1])) = 'done'")
                try await Self.waitForBeats(queue.observer)
                #expect(try await queue.state(of: jobs[0]) == "ready")
            }
            try await withWorker(of: queue, LookAround { _ in }, steadyAfter: .zero) {
                try await queue.observer.wait(for: "(select state from queue.job where id = \(jobs[0])) = 'done'")
            }
        }
    }

    @Test("is freed when its deadline is over though its worker lives, and not before")
    func deadline() async throws {
        try await TestQueue.with { queue in
            let job = try await queue.enqueue("a")
            _ = try await queue.claimed()
            let worker = """
                insert into queue.worker (id, program, host, pid) overriding system value values (1, 'test', 'here', 0);
                select pg_advisory_lock(7411, 1)
                """
            try await queue.observer.execute(worker)
            let other = try await queue.database.observer()
            defer { other.close() }
            #expect(try await other.execute(Self.rescue())[0][0] == "0")
            try await queue.setClock(ahead: .seconds(59))
            #expect(try await other.execute(Self.rescue())[0][0] == "0")
            try await queue.setClock(ahead: .seconds(61))
            #expect(try await other.execute(Self.rescue())[0][0] == "1")
            #expect(try await queue.state(of: job) == "ready")
        }
    }

    /// Runs a body for every job and looks around while it is at it.
    private struct LookAround: JobHandler {
        let kind = "a"
        let look: @Sendable (Job) async throws -> Void

        func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
            try await look(job)
            return try await lease.finish { _ in }
        }
    }

    /// Waits until a worker has shown seven times, in as many half seconds, that it lives: it looks for jobs far more often
    /// than that, and waits for no longer than two seconds so that a suspect may run alone.
    private static func waitForBeats(_ observer: ServerObserver) async throws {
        for _ in 0..<7 {
            let seen = try await observer.value("select max(seen_at) from queue.worker") ?? ""
            try await observer.wait(for: "(select max(seen_at) from queue.worker) > '\(seen)'")
        }
    }

    @Test("and the others never run at the same time in one worker, whichever came first", arguments: [0, 1])
    func neverTogether(crashesOfFirst: Int) async throws {
        try await TestQueue.with { queue in
            let first = try await queue.enqueue("a")
            try await queue.observer.execute("update queue.live set crashes = \(crashesOfFirst)")
            let inside = try await queue.database.observer()
            defer { inside.close() }
            let handler = LookAround { job in
                guard job.id == first else { return }
                // Of the other sort.
                try await inside.execute(
                    """
                    insert into queue.live (kind, payload, crashes)
                    select 'a', '{}', \(1 - crashesOfFirst) from generate_series(1, 3)
                    """
                )
                try await Self.waitForBeats(inside)
                let running = try await inside.value("select count(*) from queue.job where state <> 'ready'")
                #expect(running == "1", "only the first")
            }
            try await withWorker(of: queue, handler, steadyAfter: .zero) {
                try await queue.observer.wait(for: "(select count(*) from queue.job where state = 'done') = 4")
            }
        }
    }

    /// Runs a worker until the body has returned.
    private func withWorker(
        of queue: TestQueue,
        _ handler: LookAround,
        steadyAfter: Duration,
        _ body: () async throws -> Void
    ) async throws {
        var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
        configuration.steadyAfter = steadyAfter
        let worker = Worker(pool: queue.pool, configuration: configuration, handlers: [handler])
        async let run: Void = worker.run()
        try await body()
        worker.stop()
        await run
    }
}
