import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// In which order jobs are claimed, among parks and within one.
@Suite("Claims", .needsServer, .timeLimit(.minutes(2)))
struct FairnessTests {
    @Test("give another park's first job a place in the next, however many one park has waiting")
    func flood() async throws {
        try await TestQueue.with { queue in
            try await queue.fill("a", park: "flood", count: 5000)
            #expect(try await queue.claimed(count: 10).count == 10)
            let lone = try await queue.enqueue("a", park: "quiet")
            let next = try await queue.claimed(count: 10)
            #expect(next.contains { $0.job.id == lone })
            // What the quiet park did not need went to the other.
            #expect(next.count == 10)
        }
    }

    @Test("share out evenly among the parks of a kind that have enough")
    func shares() async throws {
        try await TestQueue.with { queue in
            for park in ["p", "q", "r", "s"] { try await queue.fill("a", park: park, count: 30) }
            try await queue.fill("a", count: 30)
            let parks = try await queue.claimed(count: 20).map { $0.job.park ?? "" }
            for park in ["p", "q", "r", "s", ""] { #expect(parks.count { $0 == park } == 4) }
        }
    }

    @Test("go round the parks where there are more of them than places")
    func roundRobin() async throws {
        try await TestQueue.with { queue in
            let parks = (0..<9).map { "park \($0)" }
            for park in parks { try await queue.fill("a", park: park, count: 3) }
            var served: [String] = []
            for _ in 0..<3 {
                let claimed = try await queue.claimed(count: 3) { $0.after = served.last ?? "" }
                served += claimed.compactMap(\.job.park)
            }
            #expect(served == parks)
        }
    }

    @Test("share out among kinds as well as parks")
    func kinds() async throws {
        try await TestQueue.with { queue in
            try await queue.fill("a", count: 100)
            try await queue.fill("b", count: 2)
            let kinds = try await queue.claimed(count: 10).map(\.job.kind)
            #expect(kinds.count { $0 == "b" } == 2 && kinds.count == 10)
        }
    }

    @Test("take the more urgent of two jobs first, until the other has waited for long enough")
    func aging() async throws {
        try await TestQueue.with { queue in
            // A point of priority is worth ten seconds: what waits for 15 minutes already passes 50 points more urgent
            // jobs, and not 100 points.
            let old = try await queue.enqueue("a", ", priority => 100::smallint")
            try await queue.observer.execute(
                "update queue.live set run_at = run_at - interval '15 minutes', rank = rank - interval '15 minutes'"
            )
            let urgent = try await queue.enqueue("a", ", priority => 0::smallint")
            let usual = try await queue.enqueue("a", ", priority => 50::smallint")
            var order: [Int64] = []
            for _ in 0..<3 { order += try await queue.claim(count: 1) }
            #expect(order == [urgent, old, usual])
        }
    }

    @Test("do not bring what is not due, and bring it once it is")
    func later() async throws {
        try await TestQueue.with { queue in
            let later = try await queue.enqueue("a", ", run_at => queue.now() + interval '1 hour'")
            #expect(try await queue.claim() == [])
            try await queue.setClock(ahead: .seconds(59 * 60))
            #expect(try await queue.claim() == [])
            #expect(try await queue.state(of: later) == "scheduled")
            try await queue.setClock(ahead: .seconds(61 * 60))
            #expect(try await queue.state(of: later) == "ready")
            #expect(try await queue.claim() == [later])
        }
    }

    @Test("give nobody a better place who claims to have waited since last year")
    func backdated() async throws {
        try await TestQueue.with { queue in
            let first = try await queue.enqueue("a")
            _ = try await queue.enqueue("a", ", run_at => now() - interval '1 year'")
            #expect(try await queue.claim(count: 1) == [first])
        }
    }

    @Test("leave a kind that nobody handles where it is, to be seen")
    func unknownKind() async throws {
        try await TestQueue.with { queue in
            let job = try await queue.enqueue("mystery")
            #expect(try await queue.claim() == [])
            #expect(try await queue.state(of: job) == "ready")
            let shown = try #require(try await QueueInspector(pool: queue.pool).job(job, until: .after(.seconds(20))))
            #expect(shown.text.contains("no worker that handles the kind mystery"))
        }
    }

    @Test("that follow a trail go on from there, and a sweep finds what came in before it")
    func trail() async throws {
        try await TestQueue.with { queue in
            try await queue.fill("a", count: 20)
            let first = try await queue.claimed(count: 5)
            let place = try #require(first.last)
            let early = try await queue.enqueue("a", ", priority => 0::smallint")
            let onward = try await queue.claimed(count: 5) { $0.places = [place.lane: place.rank] }
            #expect(onward.count == 5 && onward.allSatisfy { $0.rank >= place.rank && $0.job.id != early })
            #expect(try await queue.claim(count: 1) == [early])
        }
    }
}
