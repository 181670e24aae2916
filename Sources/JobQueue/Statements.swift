package import Postgres

/// Every statement of the queue, for checks against a database.
package enum QueueStatements {
    package static let all: [SQL] = [
        EnqueueJob.sql, EnqueuePlainJob.sql, EnqueueJobs.sql,
        ClaimJobs.sql, ReleaseJobs.sql, ReleaseStrays.sql, FinishJobs.sql, FailJob.sql, SnoozeJob.sql, StopJob.sql,
        RescueJobs.sql, RegisterWorker.sql, ReclaimWorker.sql, Beat.sql, RetireWorker.sql,
        RotateGenerations.sql, KeepDays.sql, AdoptJobs.sql, DropDays.sql, PruneOutcomes.sql, PruneKeys.sql,
        QueueStatus.sql, WatchQueue.sql, GaugeQueue.sql, GetJob.sql, ListJobs.sql,
        RetryJob.sql, RedriveJobs.sql, CancelJob.sql, DiscardJob.sql,
        CloseGate.sql, AddPause.sql, RemovePause.sql, SetCap.sql, RemoveCap.sql, CountByScope.sql,
        RecordProbe.sql, MeasureJobs.sql, MeasureParts.sql,
        UseFakeClock.sql, ShiftFakeClock.sql,
        ReadClock.sql, FindZone.sql, ReadZoneOffsets.sql, NextLook.sql, TakeDueSchedule.sql, FireSchedule.sql,
        NoteTrouble.sql, FindSchedule.sql, PutSchedule.sql, RegisterSchedule.sql, ListSchedules.sql, RemoveSchedule.sql,
        PauseSchedule.sql, ResumeSchedule.sql,
        NotifyListeners.sql,
    ]
}

struct RescueJobs: OneRow {
    static let sql = SQL("rescue_jobs", PackageResources.rescue_jobs_sql)
    let silence: Duration
    /// How long a lock must have been free.
    let patience: Duration
    let maximumCrashes: Int
    /// Whether to look for jobs past their deadline too.
    let isThorough: Bool

    func bind(to parameters: inout Parameters) {
        parameters.append(Interval(silence))
        parameters.append(Interval(patience))
        parameters.append(Int32(clamping: maximumCrashes))
        parameters.append(isThorough)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (freed: Int, quarantined: Int) {
        (try row.next(), try row.next())
    }
}

struct RegisterWorker: OneRow {
    static let sql = SQL("register_worker", PackageResources.register_worker_sql)
    let program: String
    let host: String
    let processID: Int32
    let kinds: [String]
    let concurrency: Int
    let isPollOnly: Bool

    func bind(to parameters: inout Parameters) {
        parameters.append(program)
        parameters.append(host)
        parameters.append(processID)
        parameters.append(PostgresArray(kinds))
        parameters.append(Int32(clamping: concurrency))
        parameters.append(isPollOnly)
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

/// A worker's sign of life, and what it sees as it gives it.
struct Beat: OptionalRow {
    static let sql = SQL("beat", PackageResources.beat_sql)
    let worker: Int64
    /// Jobs ended a second.
    let pace: Float
    let tally: Tally.Count
    let silence: Duration
    /// How long the lock of another must have been free.
    let patience: Duration
    let handled: [String]
    /// The kinds of which to tell whether a job is due.
    let sought: [String]

    struct View {
        /// The worker's jobs that are to stop.
        let cancelling: [Int64]
        let othersLost: Bool
        /// Whether jobs wait to be run alone.
        let suspectsWait: Bool
        let isDue: Bool
    }

    func bind(to parameters: inout Parameters) {
        parameters.append(worker)
        parameters.append(pace)
        parameters.append(Int64(tally.done))
        parameters.append(Int64(tally.failed))
        parameters.append(Interval(silence))
        parameters.append(Interval(patience))
        parameters.append(PostgresArray(handled))
        parameters.append(PostgresArray(sought))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> View {
        View(
            cancelling: try row.next(PostgresArray<Int64>.self).elements,
            othersLost: try row.next(),
            suspectsWait: try row.next(),
            isDue: try row.next()
        )
    }
}

struct RetireWorker: Command {
    static let sql = SQL("retire_worker", PackageResources.retire_worker_sql)
    let worker: Int64
    /// Its leases of which nothing is left to do.
    let ended: [Int64]

    func bind(to parameters: inout Parameters) {
        parameters.append(worker)
        parameters.append(PostgresArray(ended))
    }
}

struct QueueStatus: OneRow {
    static let sql = SQL("queue_status", PackageResources.queue_status_sql)
    static let route = Route.leasedRead
    /// Whether to tell the statements of those that hold snapshots.
    let tellsQueries: Bool

    func bind(to parameters: inout Parameters) { parameters.append(tellsQueries) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

struct WatchQueue: OneRow {
    static let sql = SQL("watch_queue", PackageResources.watch_queue_sql)
    static let route = Route.leasedRead

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

struct GaugeQueue: OneRow {
    static let sql = SQL("gauge_queue", PackageResources.gauge_queue_sql)
    static let route = Route.leasedRead
    let kinds: [String]

    func bind(to parameters: inout Parameters) { parameters.append(PostgresArray(kinds)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> QueueGauges {
        QueueGauges(
            waiting: try row.next(PostgresArray<Int64>.self).elements.map { Int($0) },
            running: try row.next(PostgresArray<Int64>.self).elements.map { Int($0) },
            oldest: try row.next(PostgresArray<Double>.self).elements,
            deadRows: Int(try row.next(Int64.self)),
            snapshotAge: try row.next()
        )
    }
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
        parameters.append(job.uniqueFor.map { Interval($0) })
        parameters.append(job.merges)
        parameters.append(job.origin)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> EnqueuedJob { try EnqueuedJob(&row) }
}

/// For a job without a key that is due at once.
struct EnqueuePlainJob: OneRow {
    static let sql = SQL("enqueue_plain_job", PackageResources.enqueue_plain_job_sql)
    let job: NewJob

    func bind(to parameters: inout Parameters) {
        parameters.append(job.kind)
        parameters.append(job.payload)
        parameters.append(job.park)
        parameters.append(job.priority)
        parameters.append(job.origin)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> EnqueuedJob { try EnqueuedJob(&row) }
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
