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

/// Ends jobs of one claim together, or fails with ``SQLState/leaseLost``.
struct FinishJobs: OneRow {
    static let sql = SQL("finish_jobs", PackageResources.finish_jobs_sql)
    private let lease: Int64
    private let generation: Int16
    private let jobs: [Int64]
    private let results: [String]

    /// The statements that end jobs of any claims, one for each claim and generation.
    static func all(_ endings: [Ending]) -> [FinishJobs] {
        Dictionary(grouping: endings) { Origin(lease: $0.claim.lease, generation: $0.generation) }
            .map { FinishJobs($0, $1) }
    }

    init(_ ending: Ending) {
        self.init(Origin(lease: ending.claim.lease, generation: ending.generation), [ending])
    }

    private struct Origin: Hashable {
        let lease: Int64
        let generation: Int16
    }

    private init(_ origin: Origin, _ endings: [Ending]) {
        lease = origin.lease
        generation = origin.generation
        jobs = endings.map(\.claim.job)
        results = endings.contains { $0.result != nil } ? endings.map { $0.result?.text ?? "" } : []
    }

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(jobs))
        parameters.append(generation)
        parameters.append(lease)
        parameters.append(PostgresArray(results))
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
