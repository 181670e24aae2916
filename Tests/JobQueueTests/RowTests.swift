import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// What every row of the table of jobs keeps to, whichever function wrote it last. The table has no checks of its own.
@Suite("A job's row", .needsServer, .timeLimit(.minutes(2)))
struct RowTests {
    /// What writes a waiting job, beginning with one that is enqueued as `job` with these further arguments.
    private static let writers: [(enqueue: String, then: String)] = [
        ("", "select"),
        (", priority => 7::smallint", "select"),
        (", run_at => clock_timestamp() + interval '1 hour', priority => 7::smallint", "select"),
        (", run_at => clock_timestamp() - interval '1 hour'", "select"),
        (
            ", unique_key => 'k', merge => true",
            "select queue.enqueue('a', '{}', unique_key => 'k', merge => true, priority => 3::smallint)"
        ),
        (", priority => 7::smallint", "select queue.fail(job, lease, 'no', interval '1 minute', 9) from one_claimed"),
        (", priority => 7::smallint", "select queue.snooze(job, lease, interval '1 minute') from one_claimed"),
        (", priority => 7::smallint", "select queue.snooze(job, lease, interval '0') from one_claimed"),
        (", priority => 7::smallint", "select queue.release(array[job], lease) from one_claimed"),
        (", priority => 7::smallint", "select queue.rescue('0', '0', 3, true) from one_claimed"),
        (", run_at => clock_timestamp() + interval '1 hour'", "select queue.retry(id) from queue.live"),
        (
            ", priority => 7::smallint",
            "with gone as (select queue.cancel(id) from queue.live) select from gone; select queue.retry(id) from queue.outcome"
        ),
        (
            ", priority => 7::smallint",
            "select queue.fail(job, lease, 'no', '0', 1) from one_claimed; select queue.retry(id) from queue.dead"
        ),
        (", priority => 7::smallint", "select queue.move_few(0::smallint, 1::smallint)"),
        (
            "",
            "select queue.enqueue_many('{a,a}', array['{}', '{}']::jsonb[], null, null, array[null, clock_timestamp() + interval '1 hour'], '{5,6}')"
        ),
    ]

    @Test(
        "has the rank that its time and priority give, and a lease, a worker and a deadline or none",
        arguments: writers
    )
    func consistent(writer: (enqueue: String, then: String)) async throws {
        try await TestQueue.with { queue in
            _ = try await queue.enqueue("a", writer.enqueue)
            try await queue.observer.execute(
                """
                create view one_claimed as
                select id as job, lease from queue.claim(1, '{a}', '{60}', 1);
                \(writer.then)
                """
            )
            let rows = try await queue.observer.execute(
                """
                select
                    rank = queue.rank(run_at, priority), num_nulls(lease, worker, deadline) in (0, 3),
                    lease is null or not later, later = (run_at > enqueued_at and run_at > clock_timestamp())
                from queue.live
                """
            )
            #expect(!rows.isEmpty && rows.allSatisfy { $0 == ["t", "t", "t", "t"] }, "\(rows)")
        }
    }

    @Test("that runs and stands in no lease gets one, by which it is rescued")
    func orphan() async throws {
        try await TestQueue.with { queue in
            let lost = try await queue.enqueue("a")
            let kept = try await queue.enqueue("a")
            #expect(try await queue.claim(count: 2) == [lost, kept])
            try await queue.observer.execute("update queue.lease set jobs = array[\(kept)]")
            let rescue = "select freed from queue.rescue('10 s', '1 s', 3, true)"
            #expect(try await queue.observer.value(rescue) == "1")
            #expect(try await queue.state(of: lost) == "running")
            #expect(try await queue.observer.value("select queue.adopt()") == "1")
            #expect(try await queue.observer.value("select queue.adopt()") == "0")
            #expect(try await queue.observer.value(rescue) == "1")
            #expect(try await queue.state(of: lost) == "ready")
            #expect(try await queue.observer.value("select count(*) from queue.lease") == "0")
        }
    }
}
