package import Postgres

/// The right to end one claimed job, exactly once.
///
/// It can't be copied, and only its functions consume it and make the ``Finished`` that a handler must return. So a handler
/// can't end a job twice, or never, or apart from its effects.
package struct Lease: ~Copyable, Sendable {
    /// The worker that holds it, for records of who did what.
    package let worker: Int64
    let claim: ClaimedJob
    let pool: Pool
    let finisher: Finisher
    /// When the handler was called.
    let began: ContinuousClock.Instant
    let deadline: Deadline

    package var job: Int64 { claim.job.id }

    /// Has the job's effects and its completion committed together, or neither.
    ///
    /// The quickest way to end a job: neighbours share the commit, and the handler is free for the next job meanwhile. So
    /// do not tell others that the job is done: it is when its group is committed. The effects should be quick too, and may
    /// run twice, the first time for nothing, when the group fails over a neighbour and each is done by itself. Where they
    /// fail, it is as if the handler had failed.
    ///
    /// - Throws: `CancellationError` when the worker has stopped.
    package consuming func finish(
        result: JSONText? = nil,
        recording effects: any Command...
    ) async throws(CancellationError) -> Finished {
        let ending = Ending(
            claim.key,
            generation: claim.generation,
            result: result,
            effects: effects,
            ran: began.duration(to: .now)
        )
        try await finisher.handIn(ending)
        return Finished(.handedIn)
    }

    /// Commits the job's effects and its completion together, or neither, in one round trip and a commit of its own.
    ///
    /// For effects that should not wait for others, nor be tried twice over a neighbour: when it returns the job is done.
    ///
    /// - Throws: ``LeaseLost`` when the job was given to another worker meanwhile, and then nothing was committed;
    ///   `PostgresError`.
    package consuming func finishAlone(
        result: JSONText? = nil,
        recording effects: any Command...
    ) async throws -> Finished {
        let ending = Ending(claim.key, generation: claim.generation, result: result, effects: effects)
        do {
            try await Finisher.commit([ending], over: pool, until: deadline)
        } catch {
            throw Finisher.meaning(of: error, ending)
        }
        return Finished(.committed)
    }

    /// Commits the job's effects and its completion together, or neither.
    ///
    /// For effects that depend on what an earlier one found. Do slow work before this call: the transaction should be short.
    ///
    /// - Throws: ``LeaseLost`` when the job was given to another worker meanwhile, and then nothing was committed; what
    ///   `effects` throws; `PostgresError`.
    package consuming func finish(
        result: JSONText? = nil,
        effects: (Session) async throws -> Void
    ) async throws -> Finished {
        let ending = Ending(claim.key, generation: claim.generation, result: result, effects: [])
        do {
            try await pool.withTransaction(until: deadline, last: FinishJobs(ending), effects)
        } catch {
            throw Finisher.meaning(of: error, ending)
        }
        return Finished(.committed)
    }

    /// Puts the job off, without a charge: it runs again from the start when the time has come.
    ///
    /// - Parameter delay: not negative.
    /// - Throws: ``LeaseLost`` when the job was given to another worker meanwhile; `PostgresError`.
    package consuming func snooze(for delay: Duration) async throws -> Finished {
        precondition(delay >= .zero, "nothing can be put off into the past")
        let statement = SnoozeJob(job: claim.job.id, lease: claim.lease, delay: delay)
        guard try await pool.execute(statement, until: deadline) else { throw LeaseLost(job: claim.job.id) }
        return Finished(.snoozed)
    }
}

/// Proof that a handler has seen to a job's end.
package struct Finished: Sendable {
    enum Manner: Sendable {
        case committed
        /// To be committed together with others.
        case handedIn
        case snoozed
    }

    let manner: Manner

    fileprivate init(_ manner: Manner) { self.manner = manner }
}

/// The job belongs to another worker now; whatever this one did for it was rolled back.
package struct LeaseLost: Error {
    package let job: Int64
}

/// Does the jobs of one kind.
package protocol JobHandler: Sendable {
    var kind: String { get }

    /// How long a job may run before it counts as hung; `nil` is what the worker is configured for.
    var limit: Duration? { get }

    /// Does the job's work and ends it through the lease. An error makes the job wait and run again.
    ///
    /// The task is cancelled when somebody cancels the job, when it runs past its limit, or when the worker has to stop.
    func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished
}

extension JobHandler {
    package var limit: Duration? { nil }
}
