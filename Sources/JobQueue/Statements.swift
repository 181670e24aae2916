package import Postgres

/// Every statement of the queue, for checks against a database.
package enum QueueStatements {
    package static let all: [SQL] = [
        ClaimJobs.sql, ClaimSuspect.sql, FinishJobs.sql, FailJob.sql, ReleaseJobs.sql, ReleaseStrays.sql,
        RescueJobs.sql,
        RegisterWorker.sql, ReclaimWorker.sql, Heartbeat.sql, RetireWorker.sql, QueueStatus.sql, GetJob.sql,
        EnqueueJob.sql, RecordProbe.sql, ListJobs.sql, RetryJob.sql, CancelJob.sql, DiscardJob.sql, CloseGate.sql,
        AddPause.sql, RemovePause.sql, CountByScope.sql, HoldJobs.sql, FreeJobs.sql, PruneOutcomes.sql, PruneKeys.sql,
        EnqueueCopies.sql, MeasureJobs.sql, MeasureParts.sql,
    ]
}

struct ClaimJobs: ManyRows {
    static let sql = SQL("claim_jobs", PackageResources.claim_jobs_sql)
    let kinds: [String]
    let count: Int
    let worker: Int64
    let limit: Duration

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(kinds))
        parameters.append(Int32(clamping: count))
        parameters.append(worker)
        parameters.append(Interval(limit))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ClaimedJob { try ClaimedJob(row: &row) }
}

struct ClaimSuspect: OptionalRow {
    static let sql = SQL("claim_suspect", PackageResources.claim_suspect_sql)
    let kinds: [String]
    let worker: Int64
    let limit: Duration
    let mostCrashes: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(kinds))
        parameters.append(worker)
        parameters.append(Interval(limit))
        parameters.append(Int32(clamping: mostCrashes))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ClaimedJob { try ClaimedJob(row: &row) }
}

/// A job as a claim returns it.
struct ClaimedJob: Sendable {
    let job: Job
    let lease: Int64

    fileprivate init(row: inout RowReader) throws(PostgresError) {
        self.job = Job(
            id: try row.next(),
            kind: try row.next(),
            park: try row.nextIfPresent(),
            payload: try row.next(),
            attempt: Int(try row.next(Int16.self)),
            crashes: Int(try row.next(Int16.self))
        )
        self.lease = try row.next()
    }
}

/// Ends jobs together, or fails with ``SQLState/leaseLost``.
struct FinishJobs: OneRow {
    static let sql = SQL("finish_jobs", PackageResources.finish_jobs_sql)
    let endings: [Ending]

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(endings.map(\.job)))
        parameters.append(PostgresArray(endings.map(\.token)))
        parameters.append(PostgresArray(endings.map { $0.result?.text ?? "" }))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

extension SQLState {
    /// Raised by `queue.require_ended`.
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

struct ReleaseJobs: Command {
    static let sql = SQL("release_jobs", PackageResources.release_jobs_sql)
    let jobs: [Int64]
    let lease: Int64

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(jobs))
        parameters.append(lease)
    }
}

struct ReleaseStrays: Command {
    static let sql = SQL("release_strays", PackageResources.release_strays_sql)
    let worker: Int64
    let running: [Int64]

    func bind(to parameters: inout Parameters) {
        parameters.append(worker)
        parameters.append(PostgresArray(running))
    }
}

struct RescueJobs: OneRow {
    static let sql = SQL("rescue_jobs", PackageResources.rescue_jobs_sql)
    let silence: Duration
    let maximumCrashes: Int
    let kinds: [String]
    /// How long a lock must have been free.
    let patience: Duration

    func bind(to parameters: inout Parameters) {
        parameters.append(Interval(silence))
        parameters.append(Int32(clamping: maximumCrashes))
        parameters.append(PostgresArray(kinds))
        parameters.append(Interval(patience))
    }

    static func decode(
        _ row: inout RowReader
    ) throws(PostgresError) -> (freed: Int, quarantined: Int, suspectsWait: Bool) {
        (try row.next(), try row.next(), try row.next())
    }
}

struct RegisterWorker: OneRow {
    static let sql = SQL("register_worker", PackageResources.register_worker_sql)
    let program: String
    let host: String
    let processID: Int32

    func bind(to parameters: inout Parameters) {
        parameters.append(program)
        parameters.append(host)
        parameters.append(processID)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (worker: Int64, isLocked: Bool) {
        (try row.next(), try row.next())
    }
}

struct ReclaimWorker: OneRow {
    static let sql = SQL("reclaim_worker", PackageResources.reclaim_worker_sql)
    let worker: Int64

    func bind(to parameters: inout Parameters) { parameters.append(worker) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (isKnown: Bool, isLocked: Bool) {
        (try row.next(), try row.next())
    }
}

struct Heartbeat: Command {
    static let sql = SQL("heartbeat", PackageResources.heartbeat_sql)
    let worker: Int64

    func bind(to parameters: inout Parameters) { parameters.append(worker) }
}

struct RetireWorker: Command {
    static let sql = SQL("retire_worker", PackageResources.retire_worker_sql)
    let worker: Int64

    func bind(to parameters: inout Parameters) { parameters.append(worker) }
}

struct QueueStatus: OneRow {
    static let sql = SQL("queue_status", PackageResources.queue_status_sql)
    static let route = Route.leasedRead

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

struct GetJob: OptionalRow {
    static let sql = SQL("get_job", PackageResources.get_job_sql)
    static let route = Route.shared
    let id: Int64

    func bind(to parameters: inout Parameters) { parameters.append(id) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

struct EnqueueJob: OneRow {
    static let sql = SQL("enqueue_job", PackageResources.enqueue_job_sql)
    let job: NewJob

    func bind(to parameters: inout Parameters) {
        parameters.append(job.kind)
        parameters.append(job.payload)
        parameters.append(job.park)
        parameters.append(job.uniqueKey)
        parameters.append(job.runAt)
        parameters.append(job.priority)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> EnqueuedJob {
        EnqueuedJob(id: try row.next(), isDuplicate: try row.next())
    }
}

struct RecordProbe: Command {
    static let sql = SQL("record_probe", PackageResources.record_probe_sql)
    let job: Int64
    let attempt: Int
    let worker: String

    func bind(to parameters: inout Parameters) {
        parameters.append(job)
        parameters.append(Int32(clamping: attempt))
        parameters.append(worker)
    }
}
