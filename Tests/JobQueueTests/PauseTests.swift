import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// Claims against a queue in which something is paused. A database each, since a pause is seen by all.
@Suite("A pause", .needsServer, .timeLimit(.minutes(2)))
struct PauseTests {
    private static let targets = [JobGroup(.kind, "a"), JobGroup(.park, "p")]

    @Test("keeps jobs from being claimed, old ones and new ones; then they come in order", arguments: targets)
    func order(_ target: JobGroup) async throws {
        try await TestQueue.with { queue in
            let second = try await queue.enqueue("a", park: "p")
            let third = try await queue.enqueue("a", park: "p")
            let free = try await queue.enqueue("b", park: "q")
            let homeless = try await queue.enqueue("b")
            #expect(try await queue.control.pause(target, because: nil).isNew)
            let fourth = try await queue.enqueue("a", park: "p")
            let first = try await queue.enqueue("a", park: "p", ", priority => 1::smallint")
            #expect(try await queue.claim() == [free, homeless])
            #expect(try await queue.claim() == [])
            #expect(try await queue.control.resume(target) != nil)
            var order: [Int64] = []
            for _ in 0..<4 { order += try await queue.claim(count: 1) }
            #expect(order == [first, second, third, fourth])
        }
    }

    @Test("of one kind or park does not stop another")
    func others() async throws {
        try await TestQueue.with { queue in
            let other = try await queue.enqueue("b", park: "p")
            _ = try await queue.enqueue("a", park: "p")
            _ = try await queue.control.pause(JobGroup(.kind, "a"), because: nil)
            _ = try await queue.control.pause(JobGroup(.park, "q"), because: nil)
            // A name means a kind or a park, not both.
            _ = try await queue.control.pause(JobGroup(.park, "b"), because: nil)
            #expect(try await queue.claim() == [other])
        }
    }

    @Test("of both a job's kind and its park holds until both are over")
    func both() async throws {
        try await TestQueue.with { queue in
            let job = try await queue.enqueue("a", park: "p")
            for target in Self.targets { _ = try await queue.control.pause(target, because: nil) }
            _ = try await queue.control.resume(JobGroup(.kind, "a"))
            #expect(try await queue.claim() == [])
            _ = try await queue.control.resume(JobGroup(.park, "p"))
            #expect(try await queue.claim() == [job])
        }
    }

    @Test("holds for a job whose process vanished, and no worker stops its other jobs for that one", arguments: targets)
    func suspects(_ target: JobGroup) async throws {
        try await TestQueue.with { queue in
            let job = try await queue.enqueue("a", park: "p")
            try await queue.observer.execute("update queue.live set crashes = 1")
            _ = try await queue.control.pause(target, because: nil)
            #expect(try await queue.suspect() == nil)
            #expect(try await queue.look(for: ["a"]).suspectsWait == false)
            _ = try await queue.control.resume(target)
            #expect(try await queue.look(for: ["a"]).suspectsWait)
            #expect(try await queue.suspect() == job)
        }
    }

    @Test("lets a running job end, and holds it if it fails", arguments: targets)
    func running(_ target: JobGroup) async throws {
        try await TestQueue.with { queue in
            let (done, failed) = (try await queue.enqueue("a", park: "p"), try await queue.enqueue("a", park: "p"))
            #expect(try await queue.claim() == [done, failed])
            _ = try await queue.control.pause(target, because: nil)
            #expect(try await queue.control.census(of: target).running == 2)
            let token = try #require(try await queue.observer.value("select max(lease) from queue.live"))
            let lease = try #require(Int64(token))
            let claim = Workload.Claim(job: done, lease: lease, kind: "a", attempt: 0)
            let finish = FinishJobs(Ending(claim, generation: 0, result: nil, effects: []))
            #expect(try await queue.pool.execute(finish, until: .after(.seconds(20))) == 1)
            let fail = FailJob(job: failed, lease: lease, error: "no", delay: .zero, maximumAttempts: 8)
            #expect(try await queue.pool.execute(fail, until: .after(.seconds(20))) == "failed")
            #expect(try await queue.control.census(of: target).running == 0)
            #expect(try await queue.claim() == [])
        }
    }

    @Test("waits for a claim under way, and nothing is claimed once it has returned", arguments: targets)
    func claimFirst(_ target: JobGroup) async throws {
        try await TestQueue.with { queue in
            let (first, _) = (try await queue.enqueue("a", park: "p"), try await queue.enqueue("a", park: "p"))
            let signal = AsyncStream<Void>.makeStream()
            async let claimed = queue.pool.withTransaction(until: .after(.seconds(20))) { session in
                let claim = ClaimJobs(worker: 1, kinds: [("a", .seconds(60))], count: 1)
                let jobs = try await session.execute(claim)
                signal.continuation.finish()
                try await queue.waitUntilOneWaits()
                return jobs.map(\.job.id)
            }
            for await _ in signal.stream {}
            #expect(try await queue.control.pause(target, because: nil).isNew)
            #expect(try await queue.claim() == [])
            #expect(try await claimed == [first])
            #expect(try await queue.control.census(of: target).running == 1)
        }
    }

    @Test("makes a claim wait that comes while it is being made, and the claim finds nothing", arguments: targets)
    func pauseFirst(_ target: JobGroup) async throws {
        try await TestQueue.with { queue in
            _ = try await queue.enqueue("a", park: "p")
            let signal = AsyncStream<Void>.makeStream()
            async let claimed: [Int64] = {
                for await _ in signal.stream {}
                return try await queue.claim()
            }()
            try await queue.pool.withTransaction(until: .after(.seconds(20))) { session in
                _ = try await session.execute(CloseGate())
                _ = try await session.execute(AddPause(target: target, reason: nil))
                signal.continuation.finish()
                try await queue.waitUntilOneWaits()
            }
            #expect(try await claimed == [])
        }
    }

    @Test("that was there already keeps its time, takes a new reason, and is told by the job that waits")
    func reason() async throws {
        try await TestQueue.with { queue in
            let target = JobGroup(.kind, "a")
            let job = try await queue.enqueue("a", park: "p")
            try await queue.observer.execute(
                "insert into queue.worker (program, host, pid, kinds) values ('test', 'here', 0, '{a}')"
            )
            #expect(!(try await queue.shown(job).text.contains("reason")))
            let first = try await queue.control.pause(target, because: "the school's site is down")
            let again = try await queue.control.pause(target, because: nil)
            #expect(first.isNew && !again.isNew)
            #expect(first.pause.since == again.pause.since)
            #expect(again.pause.reason == "the school's site is down")
            #expect(try await queue.control.pause(target, because: "repair").pause.reason == "repair")
            let shown = try await queue.shown(job).text
            #expect(shown.contains("the kind a is paused since 20") && shown.contains(": repair"), "\(shown)")
            #expect(shown.contains(#""state":"ready""#) && !shown.contains("position"), "\(shown)")
            let status = try await QueueInspector(pool: queue.pool).status(
                tellsQueries: true,
                until: .after(.seconds(20))
            )
            #expect(status.text.contains(#""scope" : "kind", "name" : "a""#), "\(status.text)")
            #expect(try await queue.control.resume(target) != nil)
            #expect(try await queue.control.resume(target) == nil)
        }
    }

    @Test("of a park with a big backlog does not make claims read past it")
    func backlog() async throws {
        try await TestQueue.with { queue in
            try await queue.observer.execute(
                """
                insert into queue.live (kind, park, payload) select 'a', 'p', '{}' from generate_series(1, 30000);
                insert into queue.live (kind, park, payload) select 'a', 'q', '{}' from generate_series(1, 10);
                """
            )
            _ = try await queue.control.pause(JobGroup(.park, "p"), because: nil)
            #expect(try await pagesOfClaim(queue) < 200)
        }
    }

    @Test("of a kind with a big backlog does not make claims read past it")
    func backlogOfKind() async throws {
        try await TestQueue.with { queue in
            try await queue.observer.execute(
                """
                insert into queue.live (kind, payload) select 'a', '{}' from generate_series(1, 30000);
                insert into queue.live (kind, payload) select 'b', '{}' from generate_series(1, 10);
                """
            )
            _ = try await queue.control.pause(JobGroup(.kind, "a"), because: nil)
            #expect(try await pagesOfClaim(queue) < 200)
        }
    }

    @Test("or none: a claim reads what it takes, and not all that waits")
    func backlogWithoutPause() async throws {
        try await TestQueue.with { queue in
            try await queue.observer.execute(
                "insert into queue.live (kind, payload) select 'a', '{}' from generate_series(1, 30000)"
            )
            #expect(try await pagesOfClaim(queue) < 200)
        }
    }

    /// The pages that a claim of four jobs touches, which is then undone.
    private func pagesOfClaim(_ queue: TestQueue) async throws -> Int {
        let claim = "queue.claim(1, '{a,b}', '{60,60}', 4)"
        try await queue.observer.execute("analyze queue.live")
        // The first plans.
        try await queue.observer.execute("begin; select count(*) from \(claim); rollback")
        try await queue.observer.execute("begin")
        let rows = try await queue.observer.execute("explain (analyze, buffers, timing off) select * from \(claim)")
        try await queue.observer.execute("rollback")
        let plan = rows.compactMap { $0.first ?? nil }
        #expect(plan.first?.contains("rows=4") == true, "\(plan)")
        let line = try #require(plan.first { $0.contains("Buffers: shared") })
        let counts = line.split(separator: " ").filter { $0.hasPrefix("hit=") || $0.hasPrefix("read=") }
        return counts.compactMap { Int($0.drop { $0 != "=" }.dropFirst()) }.reduce(0, +)
    }
}

extension TestQueue {
    fileprivate var control: PauseControl { PauseControl(pool: pool) }

    /// Waits until a session stands at the gate.
    fileprivate func waitUntilOneWaits() async throws {
        try await observer.wait(
            for: """
                exists (
                    select from pg_locks join pg_database on pg_database.oid = pg_locks.database
                    where datname = current_database() and relation = 'queue.gate'::regclass and not granted
                )
                """
        )
    }

    fileprivate func shown(_ job: Int64) async throws -> JSONText {
        try #require(try await QueueInspector(pool: pool).job(job, until: .after(.seconds(20))))
    }
}
