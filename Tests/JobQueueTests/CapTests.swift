import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// How many jobs of a kind or a park may run at once, and start in a second.
@Suite("A cap", .needsServer, .timeLimit(.minutes(2)))
struct CapTests {
    private static let kind = JobGroup(.kind, "a")
    private static let park = JobGroup(.park, "p")

    @Test("of running jobs is filled and not passed; an ended job makes room", arguments: [kind, park])
    func running(_ target: JobGroup) async throws {
        try await TestQueue.with { queue in
            let caps = CapControl(pool: queue.pool)
            try await caps.set(target, to: Cap(running: 3))
            try await queue.fill("a", park: "p", count: 20)
            let first = try await queue.claimed()
            #expect(first.count == 3)
            #expect(try await queue.claim() == [])
            try await queue.finish([first[0]])
            #expect(try await queue.claim().count == 1)
            #expect(try await caps.remove(target))
            #expect(try await caps.remove(target) == false)
            #expect(try await queue.claim().count == 10)
        }
    }

    @Test("of one kind or park leaves the others alone")
    func others() async throws {
        try await TestQueue.with { queue in
            let caps = CapControl(pool: queue.pool)
            try await caps.set(Self.kind, to: Cap(running: 1))
            try await caps.set(Self.park, to: Cap(running: 2))
            try await queue.fill("a", park: "q", count: 5)
            try await queue.fill("b", park: "p", count: 5)
            try await queue.fill("b", park: "q", count: 5)
            let claimed = try await queue.claimed(count: 20)
            #expect(claimed.count { $0.job.kind == "a" } == 1)
            #expect(claimed.count { $0.job.park == "p" } == 2)
            #expect(claimed.count { $0.job.kind == "b" && $0.job.park == "q" } == 5)
        }
    }

    @Test("of both a job's kind and its park holds for each")
    func both() async throws {
        try await TestQueue.with { queue in
            let caps = CapControl(pool: queue.pool)
            try await caps.set(Self.kind, to: Cap(running: 4))
            try await caps.set(Self.park, to: Cap(running: 3))
            try await queue.fill("a", park: "p", count: 10)
            try await queue.fill("a", park: "q", count: 10)
            var claimed: [ClaimedJob] = []
            for _ in 0..<3 { claimed += try await queue.claimed(count: 20) }
            #expect(claimed.count == 4)
            #expect(claimed.count { $0.job.park == "p" } <= 3)
        }
    }

    @Test("that another claim is counting at lets none start meanwhile, and so is never passed")
    func contended() async throws {
        try await TestQueue.with { queue in
            try await CapControl(pool: queue.pool).set(Self.kind, to: Cap(running: 3))
            try await queue.fill("a", count: 20)
            try await queue.fill("b", count: 1)
            // A claim of two that is not committed yet.
            try await queue.observer.execute("begin; select from queue.claim(1, '{a}', '{60}', 2)")
            let meanwhile = try await queue.claimed(count: 20)
            #expect(meanwhile.map(\.job.kind) == ["b"])
            try await queue.observer.execute("commit")
            #expect(try await queue.claimed(count: 20).count == 1)
        }
    }

    @Test("holds for a job that runs alone since its process vanished")
    func suspect() async throws {
        try await TestQueue.with { queue in
            try await CapControl(pool: queue.pool).set(Self.kind, to: Cap(running: 1))
            _ = try await queue.enqueue("a")
            #expect(try await queue.claim().count == 1)
            let suspect = try await queue.enqueue("a")
            try await queue.observer.execute("update queue.live set crashes = 1 where id = \(suspect)")
            #expect(try await queue.suspect() == nil)
            try await CapControl(pool: queue.pool).set(Self.kind, to: Cap(running: 2))
            #expect(try await queue.suspect() == suspect)
        }
    }

    @Test("of starts a second lets a burst through, and then what the clock allows")
    func rate() async throws {
        try await TestQueue.with { queue in
            // One every ten minutes, so that the test's own time does not count.
            try await CapControl(pool: queue.pool).set(Self.kind, to: Cap(rate: 1 / 600.0, burst: 3))
            try await queue.fill("a", count: 20)
            #expect(try await queue.claim().count == 3)
            #expect(try await queue.claim() == [])
            try await queue.setClock(ahead: .seconds(21 * 60))
            #expect(try await queue.claim().count == 2)
            #expect(try await queue.claim() == [])
            // A quiet day fills the bucket, and no more.
            try await queue.setClock(ahead: .seconds(86_400))
            #expect(try await queue.claim().count == 3)
            // A clock that goes back gives nothing and takes nothing.
            try await queue.setClock(ahead: .zero)
            #expect(try await queue.claim() == [])
        }
    }

    @Test("is told by a job that it keeps waiting")
    func reason() async throws {
        try await TestQueue.with { queue in
            try await queue.observer.execute(
                "insert into queue.worker (program, host, pid, kinds) values ('test', 'here', 0, '{a}')"
            )
            try await CapControl(pool: queue.pool).set(Self.kind, to: Cap(running: 1))
            let job = try await queue.enqueue("a")
            #expect(try await queue.claim() == [job])
            let next = try await queue.enqueue("a")
            let reason = try await queue.observer.value("select reason from queue.explain_wait(\(next))")
            #expect(reason == "the kind a has as many running jobs as it may, 1")
            try await CapControl(pool: queue.pool).set(Self.kind, to: Cap(rate: 0.001))
            _ = try await queue.enqueue("a")
            _ = try await queue.claim()
            let last = try await queue.enqueue("a")
            let rate = try await queue.observer.value("select reason from queue.explain_wait(\(last))")
            #expect(rate == "the kind a may start only 0.001 jobs a second")
        }
    }

    @Test(
        "of nothing or less is refused",
        arguments: ["0, null, 1", "-1, null, 1", "null, 0, 1", "null, 'nan', 1", "null, 1, 0", "null, null, 1"]
    )
    func badNumbers(_ numbers: String) async throws {
        try await TestQueue.with { queue in
            await #expect(throws: PostgresError.self) {
                try await queue.observer.execute(
                    "insert into queue.cap (scope, name, running, rate, burst) select 'kind', 'a', \(numbers)"
                )
            }
        }
    }
}
