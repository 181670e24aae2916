import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// What the queue does when somebody's open transaction keeps vacuum from cleaning up behind it.
@Suite("Under a held snapshot", .needsServer, .timeLimit(.minutes(2)))
struct RotationTests {
    private static let rotate = "select rotated from queue.rotate(most_dead => 100, held_for => '0 s')"

    /// Does the body while another session holds a snapshot from before, in a transaction that has read nothing of the
    /// queue.
    private func withHeldSnapshot(_ body: (TestQueue) async throws -> Void) async throws {
        try await TestQueue.with { queue in
            let holder = try await queue.database.observer()
            defer { holder.close() }
            try await holder.execute(
                "set application_name = 'analyst'; begin isolation level repeatable read; select 1"
            )
            try await body(queue)
        }
    }

    /// Leaves dead rows behind by doing jobs, and waits until the server's statistics tell of them.
    private func work(_ queue: TestQueue, generation: Int = 0) async throws {
        for _ in 0..<3 {
            try await queue.observer.execute("select queue.enqueue('a', '{}') from generate_series(1, 100)")
            try await queue.finish(try await queue.claimed(["a"], count: 100))
        }
        try await queue.observer.wait(for: "pg_stat_get_dead_tuples('queue.live_\(generation)'::regclass) > 100")
    }

    private func current(_ queue: TestQueue) async throws -> String? {
        try await queue.observer.value("select current from queue.rotation")
    }

    @Test("new jobs go to a fresh generation, and the old one is emptied although vacuum could not")
    func rotates() async throws {
        try await withHeldSnapshot { queue in
            try await work(queue)
            try await queue.observer.execute("vacuum queue.live_0")
            #expect(
                try await queue.observer.value("select pg_stat_get_dead_tuples('queue.live_0'::regclass) > 100") == "t"
            )
            #expect(try await queue.observer.value(Self.rotate) == "t")
            #expect(try await current(queue) == "1")
            let job = try await queue.enqueue("a")
            #expect(try await queue.observer.value("select generation from queue.live where id = \(job)") == "1")
            try await queue.observer.execute(Self.rotate)
            #expect(try await queue.observer.value("select pg_relation_size('queue.live_0')") == "0")
            #expect(try await queue.claim() == [job])
        }
    }

    @Test("a job that waits in the old generation is moved, one that runs is waited for, and both end well")
    func stragglers() async throws {
        try await withHeldSnapshot { queue in
            let running = try await queue.enqueue("a")
            let claimed = try await queue.claimed(count: 1)
            let waiting = try await queue.enqueue("b", ", unique_key => 'k'")
            let later = try await queue.enqueue("b", ", run_at => queue.now() + interval '1 hour'")
            try await work(queue)
            for _ in 0..<2 { try await queue.observer.execute(Self.rotate) }
            let generations = try await queue.observer.execute(
                "select generation from queue.live where id in (\(running), \(waiting), \(later)) order by id"
            )
            #expect(generations == [["0"], ["1"], ["1"]])
            #expect(try await queue.observer.value("select pg_relation_size('queue.live_0') > 0") == "t")
            try await queue.finish(claimed)
            try await queue.observer.execute(Self.rotate)
            #expect(try await queue.observer.value("select pg_relation_size('queue.live_0')") == "0")
            #expect(try await queue.state(of: running) == "done")
            #expect(try await queue.state(of: later) == "scheduled")
            #expect(try await queue.enqueue("b", ", unique_key => 'k'") == waiting)
            #expect(try await queue.claim(["b"]) == [waiting])
        }
    }

    @Test("a generation into which somebody is just enqueueing is not emptied, and nothing is lost")
    func openEnqueue() async throws {
        try await withHeldSnapshot { queue in
            try await work(queue)
            let producer = try await queue.database.observer()
            defer { producer.close() }
            try await producer.execute("begin; select queue.enqueue('b', '{}')")
            for _ in 0..<2 { try await queue.observer.execute(Self.rotate) }
            #expect(try await current(queue) == "1")
            #expect(try await queue.observer.value("select pg_relation_size('queue.live_0') > 0") == "t")
            try await producer.execute("commit")
            #expect(try await queue.claim(["b"]).count == 1)
        }
    }

    @Test("the culprit is named")
    func culprit() async throws {
        try await withHeldSnapshot { queue in
            let holder = try await queue.observer.execute("select program, state from queue.snapshot_holders()")
            #expect(holder.count == 1)
            #expect(holder[0][0]?.hasSuffix("analyst") == true)
            #expect(holder[0][1]?.hasPrefix("idle in transaction") == true)
        }
    }

    @Test("nothing is rotated where nobody holds one: that is vacuum's work")
    func unpinned() async throws {
        try await TestQueue.with { queue in
            try await work(queue)
            #expect(try await queue.observer.value(Self.rotate) == "f")
            #expect(try await current(queue) == "0")
        }
    }
}
