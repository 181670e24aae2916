import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// Keys, merging, many at once, and what is refused.
@Suite("Enqueueing", .needsServer, .timeLimit(.minutes(2)))
struct EnqueueTests {
    @Test("with merge lays the payload over that of a job that waits, and the more urgent priority holds")
    func merge() async throws {
        try await TestQueue.with { queue in
            let put = { (payload: String, priority: Int) in
                try await queue.observer.execute(
                    """
                    select id, duplicate from queue.enqueue(
                        'a', '\(payload)', unique_key => 'phone', priority => \(priority)::smallint, merge => true
                    )
                    """
                )[0]
            }
            let first = try await put(#"{"value": 1, "by": ["x"]}"#, 100)
            let second = try await put(#"{"value": 2, "seen": true}"#, 50)
            #expect(second == [first[0], "t"])
            let merged = try await queue.observer.execute("select payload, priority from queue.live")
            #expect(merged == [[#"{"by": ["x"], "seen": true, "value": 2}"#, "50"]])
            // Once it runs it must not change under its handler, and what is new must not be lost.
            let claimed = try await queue.claimed()
            let third = try await put(#"{"value": 3}"#, 100)
            #expect(third[1] == "f" && third[0] != first[0])
            #expect(try await put(#"{"value": 4}"#, 100) == [third[0], "t"])
            // The end of the first does not free the key of the third.
            try await queue.finish(claimed)
            #expect(try await put(#"{"value": 5}"#, 100) == [third[0], "t"])
            // After the end there is nothing to merge into, and no window.
            try await queue.finish(try await queue.claimed())
            #expect(try await put(#"{"value": 6}"#, 100)[1] == "f")
        }
    }

    @Test("with merge keeps its key when the job that held it before fails for good")
    func mergedBesideDead() async throws {
        try await TestQueue.with { queue in
            let put = { try await queue.enqueue("a", ", unique_key => 'k', merge => true") }
            let first = try await put()
            let claimed = try #require(try await queue.claimed().first)
            let second = try await put()
            #expect(second != first)
            try await queue.observer.execute("select queue.fail(\(first), \(claimed.lease), 'no', '0 s', 1)")
            #expect(try await queue.state(of: first) == "dead")
            #expect(try await put() == second)
        }
    }

    @Test("keeps a key for as long as was said after the job's end")
    func window() async throws {
        try await TestQueue.with { queue in
            let put = { try await queue.enqueue("a", ", unique_key => 'k', unique_for => '1 hour'") }
            let first = try await put()
            #expect(try await put() == first)
            try await queue.finish(try await queue.claimed())
            #expect(try await put() == first)
            try await queue.setClock(ahead: .seconds(59 * 60))
            #expect(try await put() == first)
            try await queue.setClock(ahead: .seconds(61 * 60))
            #expect(try await put() != first)
        }
    }

    @Test("many at once answers in order, finds keys that are taken, and keeps each job's own settings")
    func many() async throws {
        try await TestQueue.with { queue in
            let taken = try await queue.enqueue("a", ", unique_key => 'k'")
            let rows = try await queue.observer.execute(
                """
                select id, duplicate from queue.enqueue_many(
                    '{a,b,a,b}', array['1', '2', '3', '4']::jsonb[], '{p,null,q,null}', '{new,k,null,new}',
                    array[null, null, queue.now() + interval '1 h', null], '{1,null,3,null}'
                )
                """
            )
            #expect(rows.map { $0[1] } == ["f", "t", "f", "t"])
            #expect(rows[1][0] == "\(taken)" && rows[3][0] == rows[0][0])
            let jobs = try await queue.observer.execute(
                "select payload, park, priority, state from queue.job where id <> \(taken) order by payload"
            )
            #expect(jobs == [["1", "p", "1", "ready"], ["3", "q", "3", "scheduled"]])
            let plain = try await queue.observer.execute(
                "select id, duplicate from queue.enqueue_many('{b,b}', array['8', '9']::jsonb[])"
            )
            let payloads = try await queue.observer.execute(
                "select payload from queue.job where id in (\(plain.compactMap(\.[0]).joined(separator: ","))) order by id"
            )
            #expect(payloads == [["8"], ["9"]])
        }
    }

    @Test("many at once takes the keys in one order, whatever the caller's, so that two such calls can't deadlock")
    func keyOrder() async throws {
        try await TestQueue.with { queue in
            let ids = try await queue.observer.execute(
                "select id from queue.enqueue_many('{a,a,a}', array['1', '2', '3']::jsonb[], unique_keys => '{z,y,x}')"
            )
            let taken = try ids.map { try #require($0[0].flatMap { Int64($0) }) }
            #expect(taken == taken.sorted(by: >))
        }
    }

    @Test("keyed jobs in one transaction does not deadlock with a worker that ends a group of them")
    func keyedGroups() async throws {
        try await TestQueue.with { queue in
            for key in ["k1", "k2"] { _ = try await queue.enqueue("a", ", unique_key => '\(key)'") }
            let claimed = try await queue.claimed()
            try await queue.observer.execute("begin; select queue.enqueue('a', '{}', unique_key => 'k2')")
            // Would stand behind the other's lock, and the other behind ours.
            try await queue.finish(claimed)
            try await queue.observer.execute("select queue.enqueue('a', '{}', unique_key => 'k1'); commit")
            #expect(try await queue.observer.value("select count(*) from queue.job where state = 'done'") == "2")
        }
    }

    @Test(
        "what can't be a job is refused with a reason",
        arguments: [
            ("'', '{}'", "a job needs a kind"), ("null, '{}'", "a job needs a kind"),
            ("'a', null", "a job needs a payload"), ("'a', '{'", "invalid input syntax for type json"),
            ("'a', to_jsonb(repeat('x', 262143))", "the payload of 262145 bytes is larger than 262144"),
            ("'a', '{}', merge => true", "merging needs a unique key"),
            ("'a', '1', unique_key => 'k', merge => true", "merging needs a unique key and an object"),
        ]
    )
    func refused(arguments: String, reason: String) async throws {
        try await TestQueue.with { queue in
            let error = await #expect(throws: PostgresError.self) {
                try await queue.observer.execute("select queue.enqueue(\(arguments))")
            }
            let words = String(describing: error)
            #expect(words.contains(reason), "\(words)")
            let left = try await queue.observer.value("select count(*) from queue.live")
            #expect(left == "0")
        }
    }

    @Test("a payload that grows too large by merging is refused, and the job keeps the old one")
    func mergedTooLarge() async throws {
        try await TestQueue.with { queue in
            let put = { (field: String) in
                "select queue.enqueue('a', jsonb_build_object('\(field)', repeat('x', 200000)), unique_key => 'k', merge => true)"
            }
            try await queue.observer.execute(put("one"))
            await #expect(throws: PostgresError.self) { try await queue.observer.execute(put("two")) }
            #expect(
                try await queue.observer.value("select payload ? 'one' and not payload ? 'two' from queue.live") == "t"
            )
        }
    }

    @Test("the largest payload that is allowed comes back whole")
    func largest() async throws {
        try await TestQueue.with { queue in
            try await queue.observer.execute("select queue.enqueue('a', to_jsonb(repeat('x', 262142)))")
            #expect(try await queue.claimed().map { $0.job.payload.utf8.count } == [262_144])
        }
    }
}
