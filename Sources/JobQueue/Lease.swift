package import Postgres

/// The right to end one claimed job, exactly once.
///
/// It can't be copied, and only the functions called `finish` consume it and make the ``Finished`` that a handler must
/// return. So a handler can't end a job twice, or end it apart from its effects.
package struct Lease: ~Copyable, Sendable {
    package let job: Int64
    /// The worker that holds it, for records of who did what.
    package let worker: Int64
    let token: Int64
    let pool: Pool
    let finisher: Finisher
    let deadline: Deadline

    /// Commits the job's effects and its completion together, or neither.
    ///
    /// The quickest way to end a job: neighbours share the commit. The effects should be quick too and may run twice, the
    /// first time for nothing, when the group fails over a neighbour and each is done by itself.
    ///
    /// - Throws: ``LeaseLost`` when the job was given to another worker meanwhile, and then nothing was committed;
    ///   ``PostgresError`` of its own effects, not of a neighbour's.
    package consuming func finish(
        result: JSONText? = nil,
        recording effects: any Command...
    ) async throws -> Finished {
        try await finisher.end(Ending(job: job, token: token, result: result, effects: effects))
        return Finished()
    }

    /// Commits the job's effects and its completion together, or neither.
    ///
    /// For effects that depend on what an earlier one found. Do slow work before this call: the transaction should be short.
    ///
    /// - Throws: ``LeaseLost`` when the job was given to another worker meanwhile, and then nothing was committed; what
    ///   `effects` throws; ``PostgresError``.
    package consuming func finish(
        result: JSONText? = nil,
        effects: (Session) async throws -> Void
    ) async throws -> Finished {
        let ending = Ending(job: job, token: token, result: result, effects: [])
        do {
            try await pool.withTransaction(until: deadline, last: FinishJobs(endings: [ending]), effects)
        } catch let error as PostgresError where error.sqlState == .leaseLost {
            throw LeaseLost(job: ending.job)
        }
        return Finished()
    }
}

/// Proof that a job ended with its effects.
package struct Finished: Sendable {
    fileprivate init() {}
}

/// The job belongs to another worker now; whatever this one did for it was rolled back.
package struct LeaseLost: Error {
    package let job: Int64
}

/// Does the jobs of one kind.
package protocol JobHandler: Sendable {
    var kind: String { get }

    /// Does the job's work and ends it through the lease. An error makes the job wait and run again.
    func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished
}
