import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// What a worker can do to a job that was given to another meanwhile, call by call.
@Suite("A worker that lost its lease", .needsServer, .timeLimit(.minutes(2)))
struct StaleLeaseTests {
    /// Does the body for a job with a key that one worker has claimed, lost to a rescuer, and another has claimed since.
    private func withStale(_ body: (TestQueue, _ job: Int64, _ stale: ClaimedJob) async throws -> Void) async throws {
        try await TestQueue.with { queue in
            let job = try await queue.enqueue("a", ", unique_key => 'k'")
            let stale = try #require(try await queue.claimed().first)
            try await queue.observer.execute("select queue.rescue('1 hour', '1 hour', 100, true)")
            try await queue.observer.execute(
                "select from queue.claim(2, '{a}', '{60}', 1, alone => true, most_crashes => 9)"
            )
            try await body(queue, job, stale)
            let row = try await queue.observer.execute(
                "select worker, lease > \(stale.lease), attempt, run_at <= queue.now() from queue.live where id = \(job)"
            )
            #expect(row == [["2", "t", "0", "t"]])
            // The key is still the job's.
            #expect(try await queue.enqueue("a", ", unique_key => 'k'") == job)
        }
    }

    @Test("can't end the job, and is told so with QL001")
    func finish() async throws {
        try await withStale { queue, _, stale in
            let error = await #expect(throws: PostgresError.self) { try await queue.finish([stale]) }
            #expect(error?.sqlState == .leaseLost)
        }
    }

    @Test("can't end it together with jobs that are its own: those go on as they were")
    func finishGroup() async throws {
        try await withStale { queue, _, stale in
            let own = try await queue.enqueue("b")
            let claimed = try await queue.claimed(["b"])
            await #expect(throws: PostgresError.self) { try await queue.finish(claimed + [stale]) }
            #expect(try await queue.state(of: own) == "running")
            try await queue.finish(claimed)
            #expect(try await queue.state(of: own) == "done")
        }
    }

    @Test(
        "can't change it in any other way either",
        arguments: [
            "queue.fail(JOB, LEASE, 'no', '1 hour', 8)", "queue.fail(JOB, LEASE, 'no', '0 s', 1)",
            "queue.snooze(JOB, LEASE, '1 hour')", "queue.release(array[JOB]::bigint[], LEASE)",
            "queue.stop(JOB, LEASE)",
        ]
    )
    func other(_ call: String) async throws {
        try await withStale { queue, job, stale in
            let bound = call.replacing("JOB", with: "\(job)").replacing("LEASE", with: "\(stale.lease)")
            try await queue.observer.execute("select \(bound)")
        }
    }

    @Test("does not stop the one who has it, when somebody wants the job cancelled")
    func cancelling() async throws {
        try await withStale { queue, job, stale in
            try await queue.observer.execute("select queue.cancel(\(job))")
            try await queue.observer.execute("select queue.release(array[\(job)]::bigint[], \(stale.lease))")
        }
    }
}
