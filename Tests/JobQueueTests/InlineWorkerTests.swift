import JobQueue
import Postgres
import TestSupport
import Testing

/// The kit for tests of handlers, as somebody uses it who has a handler to test.
@Suite("Jobs in line", .needsServer, .timeLimit(.minutes(1)))
struct InlineWorkerTests {
    private struct Refusal: Error {}

    /// Counts down through its own jobs.
    private struct Countdown: JobHandler {
        let kind = "countdown"

        func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
            guard let left = Int(job.payload.text) else { throw Refusal() }
            if left == 13 { return try await lease.snooze(for: .seconds(3600)) }
            return try await lease.finish { session in
                guard left > 0 else { return }
                _ = try await session.enqueue(NewJob(kind: "countdown", payload: JSONText("\(left - 1)")))
            }
        }
    }

    private func withWorker(_ body: (InlineWorker, Pool, FakeClock) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.withPool { pool in
                let clock = try await FakeClock(in: pool)
                try await body(InlineWorker(pool: pool, handlers: [Countdown()]), pool, clock)
            }
        }
    }

    private func enqueue(_ payload: String, _ pool: Pool) async throws {
        _ = try await pool.withSession(until: .after(.seconds(10))) { session in
            try await session.enqueue(NewJob(kind: "countdown", payload: JSONText(payload)))
        }
    }

    @Test("are done until none is left, also those that others bring")
    func chain() async throws {
        try await withWorker { worker, pool, _ in
            try await enqueue("3", pool)
            #expect(try await worker.runDue().count == 4)
            #expect(try await worker.runDue().isEmpty)
        }
    }

    @Test("stop where they were told to")
    func most() async throws {
        try await withWorker { worker, pool, _ in
            try await enqueue("100", pool)
            #expect(try await worker.runDue(most: 5).count == 5)
        }
    }

    @Test("come again when the clock says so, and not before")
    func clock() async throws {
        try await withWorker { worker, pool, clock in
            try await clock.stop()
            try await enqueue(#""no number""#, pool)
            try await enqueue("13", pool)
            for run in try await worker.runDue() {
                switch run {
                case .failed(_, let state, let error): #expect(state == "failed" && error is Refusal)
                case .snoozed: break
                default: Issue.record("\(run)")
                }
            }
            #expect(try await worker.runDue().isEmpty)
            try await clock.stop(ahead: .seconds(2))
            // A second at most for the failed one; an hour for the one that was put off.
            #expect(try await worker.runDue().count == 1)
            try await clock.stop(ahead: .seconds(3599))
            let later = try await worker.runDue()
            #expect(later.allSatisfy { if case .failed = $0 { true } else { false } })
            try await clock.stop(ahead: .seconds(3600))
            let snoozed = try await worker.runDue()
            #expect(snoozed.contains { if case .snoozed = $0 { true } else { false } })
        }
    }
}
