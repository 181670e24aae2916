import Postgres

/// How one job is to end.
struct Ending: Sendable {
    let claim: Workload.Claim
    let generation: Int16
    let result: JSONText?
    let effects: [any Command]
    /// How long its handler had it.
    let ran: Duration

    init(
        _ claim: Workload.Claim,
        generation: Int16,
        result: JSONText?,
        effects: [any Command],
        ran: Duration = .zero
    ) {
        self.claim = claim
        self.generation = generation
        self.result = result
        self.effects = effects
        self.ran = ran
    }
}

/// Ends jobs together, or fails with ``SQLState/leaseLost``.
struct FinishJobs: OneRow {
    static let sql = SQL("finish_jobs", PackageResources.finish_jobs_sql)
    let endings: [Ending]

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(endings.map(\.claim.job)))
        parameters.append(PostgresArray(endings.map(\.generation)))
        parameters.append(PostgresArray(endings.map(\.claim.lease)))
        parameters.append(PostgresArray(endings.map { $0.result?.text ?? "" }))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

extension SQLState {
    /// Raised by `queue.finish`.
    static let leaseLost = SQLState(rawValue: "QL001")
}

struct FailJob: OneRow {
    static let sql = SQL("fail_job", PackageResources.fail_job_sql)
    let job: Int64
    let lease: Int64
    let error: String
    let delay: Duration
    let maximumAttempts: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(job)
        parameters.append(lease)
        parameters.append(error)
        parameters.append(Interval(delay))
        parameters.append(Int32(clamping: maximumAttempts))
    }

    /// The state the job is in now, or `nil` when the lease was lost.
    static func decode(_ row: inout RowReader) throws(PostgresError) -> String? { try row.nextIfPresent() }
}

/// Puts a claimed job off.
struct SnoozeJob: OneRow {
    static let sql = SQL("snooze_job", PackageResources.snooze_job_sql)
    let job: Int64
    let lease: Int64
    let delay: Duration

    func bind(to parameters: inout Parameters) {
        parameters.append(job)
        parameters.append(lease)
        parameters.append(Interval(delay))
    }

    /// False when the lease was lost.
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Bool { try row.next() }
}

/// Ends a claimed job as cancelled.
struct StopJob: OneRow {
    static let sql = SQL("stop_job", PackageResources.stop_job_sql)
    let job: Int64
    let lease: Int64

    func bind(to parameters: inout Parameters) {
        parameters.append(job)
        parameters.append(lease)
    }

    /// False when the lease was lost.
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Bool { try row.next() }
}
