package import Postgres

/// Does due jobs in the caller's task, one after the other, as a ``Worker`` would: for tests of handlers, which so need
/// neither wait nor poll, and for tools that work a queue off.
///
/// It shows no sign of life, so a worker that looks for deadlines may take its jobs for abandoned: do not mix the two in one
/// database.
package struct InlineWorker: Sendable {
    private let pool: Pool
    private let handlers: [String: any JobHandler]
    private let retry: RetrySchedule

    /// What became of one run of a job.
    package enum Run: Sendable {
        case done(job: Int64)
        case snoozed(job: Int64)
        /// The handler threw, or its effects failed; the job is `failed` and waits, or is `dead`.
        case failed(job: Int64, state: String, error: any Error)
        case leaseLost(job: Int64)
    }

    package init(pool: Pool, handlers: [any JobHandler], retry: RetrySchedule = RetrySchedule()) {
        self.pool = pool
        self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.kind, $0) })
        self.retry = retry
    }

    /// Does what is due until nothing more is, and tells what became of it, in order.
    ///
    /// - Parameter most: stops after so many runs, for handlers that enqueue ever more.
    /// - Throws: `PostgresError` where the queue itself can't be worked with.
    package func runDue(most: Int = 1000) async throws(PostgresError) -> [Run] {
        var runs: [Run] = []
        var ended: [Int64] = []
        while runs.count < most, let claim = try await claim(ended: ended) {
            runs.append(try await run(claim))
            ended = [claim.lease]
        }
        return runs
    }

    private func claim(ended: [Int64]) async throws(PostgresError) -> ClaimedJob? {
        var claim = ClaimJobs(worker: 0, kinds: handlers.values.map { ($0.kind, .seconds(3600)) }, count: 1)
        claim.mostCrashesAlone = .max
        claim.ended = ended
        return try await pool.execute(claim, until: .after(.seconds(10))).first
    }

    private func run(_ claim: ClaimedJob) async throws(PostgresError) -> Run {
        let job = claim.job.id
        let finisher = Finisher(pool: pool)
        let began = ContinuousClock.now
        let lease = Lease(
            worker: 0,
            claim: claim,
            pool: pool,
            finisher: finisher,
            began: began,
            deadline: began + .seconds(3600)
        )
        do {
            guard let handler = handlers[claim.job.kind] else { preconditionFailure("a job of a kind not asked for") }
            switch try await handler.run(claim.job, lease).manner {
            case .committed: return .done(job: job)
            case .snoozed: return .snoozed(job: job)
            case .handedIn:
                try await finisher.endNow()
                return .done(job: job)
            }
        } catch is LeaseLost {
            return .leaseLost(job: job)
        } catch {
            let failure = FailJob(
                job: job,
                lease: claim.lease,
                error: "\(error)",
                delay: retry.pause(afterFailures: claim.job.attempt + 1, jitter: 0.5),
                maximumAttempts: retry.maximumAttempts
            )
            guard let state = try await pool.execute(failure, until: .after(.seconds(10))) else {
                return .leaseLost(job: job)
            }
            return .failed(job: job, state: state, error: error)
        }
    }
}
