import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// How much of the tables the queue's functions read, with plans made when there was nothing in them, and statistics that
/// know of nothing.
@Suite("A plan", .needsServer, .timeLimit(.minutes(Drill.isLong ? 30 : 3)))
struct PlanTests {
    private static let claim = "queue.claim(1, '{a,b}', '{60,60}', 4)"
    private static let rescue = "queue.rescue('10 s', '1 s', 3, false)"
    private static let beat = "queue.beat(1, 0, 0, 0, '10 s', '1 s', '{a,b}', '{a,b}')"
    private static let enqueue = "queue.enqueue('a', '{}')"

    private static func finish(_ id: String?, lease: Int) -> String {
        "queue.finish(array[\(id ?? "")]::bigint[], 0::smallint, \(lease))"
    }

    /// Gives so many running jobs to the worker 1, under one lease.
    private static func run(_ count: Int, lease: Int) -> String {
        """
        with job as (
            insert into queue.live (kind, payload, lease, worker, deadline)
            select 'a', '{}', \(lease), 1, now() + interval '1 hour' from generate_series(1, \(count)) returning id
        )
        insert into queue.lease (token, generation, worker, jobs, until)
        select \(lease), 0, 1, array_agg(id), now() + interval '1 hour' from job
        """
    }

    @Test("of the empty table stays good for a full one", arguments: [0, 1_000, Drill.size(100_000, long: 1_000_000)])
    func grown(jobs: Int) async throws {
        let drill = Drill("R13")
        try await TestQueue.with { queue in
            // One session throughout, so that its plans are kept.
            try await queue.observer.execute(
                "insert into queue.worker (program, host, pid, seen_at) values ('test', 'here', 0, now() + interval '1 hour')"
            )
            for call in [Self.claim, Self.rescue, Self.beat, Self.enqueue] { try await pages(of: call, queue) }
            try await queue.observer.execute(Self.run(100, lease: 1))
            let first = try await queue.observer.value("select min(id) from queue.live where lease = 1")
            try await pages(of: Self.finish(first, lease: 1), queue)
            try await queue.fill("a", park: "p", count: jobs / 2)
            try await queue.fill("b", park: "q", count: jobs / 2)
            // Running and waiting for their time, by the thousand. Claims walk past what runs.
            try await queue.observer.execute(
                """
                \(Self.run(min(jobs / 10 + 1, 1000), lease: 2));
                insert into queue.live (kind, payload, run_at, later)
                select 'a', '{}', now() + interval '1 hour', true from generate_series(1, \(jobs / 10))
                """
            )
            let last = try await queue.observer.value("select max(id) from queue.live where lease = 2")
            var most = 0
            for call in [Self.claim, Self.beat, Self.enqueue, Self.finish(last, lease: 2)] {
                let read = try await pages(of: call, queue)
                most = max(most, read)
                #expect(read < 250, "\(call) with \(jobs) jobs")
            }
            // It reads no more than what belongs to a worker that is lost.
            let read = try await pages(of: Self.rescue, queue)
            #expect(read < 250)
            drill.report(["jobs": jobs, "most pages of a call": max(most, read)])
        }
    }

    @Test("of a claim that was made when a generation had just been emptied stays good")
    func emptied() async throws {
        try await TestQueue.with { queue in
            let jobs = Drill.size(60_000, long: 600_000)
            try await queue.fill("a", count: 1000)
            for step in ["delete from queue.live", "vacuum analyze queue.live", "truncate queue.live"] {
                try await queue.observer.execute(step)
            }
            try await queue.fill("a", count: 300)
            try await pages(of: Self.claim, queue)
            try await queue.fill("a", count: jobs)
            #expect(try await pages(of: Self.claim, queue) < 250, "with \(jobs) jobs")
        }
    }

    /// The pages that a call touches; what it did is undone.
    @discardableResult
    private func pages(of call: String, _ queue: TestQueue) async throws -> Int {
        try await queue.observer.execute("begin; savepoint before; select * from \(call); rollback to before")
        let rows = try await queue.observer.execute("explain (analyze, buffers, timing off) select * from \(call)")
        try await queue.observer.execute("rollback")
        let line = try #require(rows.compactMap { $0.first ?? nil }.first { $0.contains("Buffers: shared") })
        let counts = line.split(separator: " ").filter { $0.hasPrefix("hit=") || $0.hasPrefix("read=") }
        return counts.compactMap { Int($0.drop { $0 != "=" }.dropFirst()) }.reduce(0, +)
    }
}
