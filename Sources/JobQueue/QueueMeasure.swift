package import Postgres

/// Measures a queue by what became of the jobs of one kind, for benches.
package struct QueueMeasure: Sendable {
    private let pool: Pool

    /// What became of the jobs of one kind.
    package struct Figures: Sendable {
        package let done: Int
        /// Jobs that are done and left the effect that they should have left.
        package let whole: Int
        /// Jobs that have not ended.
        package let waiting: Int
        /// Effects and ends beyond a job's first, and jobs that are done and still there.
        package let doubled: Int
        /// From the first claim to the last completion, on the database's clock.
        package let seconds: Double
        /// Milliseconds from enqueueing to starting; `nil` if nothing was done.
        package let pickup: (median: Double, p99: Double)?
    }

    /// One of several equal parts of the time in which jobs were done.
    package struct Part: Sendable {
        package let done: Int
        /// How long the part was.
        package let seconds: Double
        /// Milliseconds from enqueueing to starting, of the jobs that ended in the part; `nil` where none did.
        package let pickupP99: Double?

        package var jobsPerSecond: Double { seconds > 0 ? Double(done) / seconds : 0 }
    }

    package init(pool: Pool) { self.pool = pool }

    /// Counts what became of the jobs of a kind.
    package func figures(
        kind: String,
        expectsEffects: Bool,
        until deadline: Deadline
    ) async throws(PostgresError) -> Figures {
        try await pool.execute(MeasureJobs(kind: kind, expectsEffects: expectsEffects), until: deadline)
    }

    /// Divides the time from the first claim to the last completion.
    package func parts(_ count: Int, kind: String, until deadline: Deadline) async throws(PostgresError) -> [Part] {
        try await pool.execute(MeasureParts(kind: kind, count: count), until: deadline)
    }
}

/// Does nothing but what a bench wants to measure.
package struct MeasuredHandler: JobHandler {
    /// How each job ends.
    package enum Ending: Sendable {
        /// Without an effect; neighbours share the commit.
        case bare
        /// With one row inserted; neighbours share the commit.
        case grouped
        /// With one row inserted, in a transaction of its own.
        case alone
    }

    package let kind = "measured"
    private let ending: Ending

    package init(ending: Ending) { self.ending = ending }

    package func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
        let effect = RecordProbe(job: job.id, attempt: job.attempt + 1, worker: "bench")
        switch ending {
        case .bare: return try await lease.finish()
        case .grouped: return try await lease.finish(recording: effect)
        case .alone: return try await lease.finishAlone(recording: effect)
        }
    }
}

struct MeasureJobs: OneRow {
    static let sql = SQL("measure_jobs", PackageResources.measure_jobs_sql)
    let kind: String
    let expectsEffects: Bool

    func bind(to parameters: inout Parameters) {
        parameters.append(kind)
        parameters.append(expectsEffects)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> QueueMeasure.Figures {
        let (done, whole) = (Int(try row.next(Int64.self)), Int(try row.next(Int64.self)))
        let (waiting, doubled) = (Int(try row.next(Int64.self)), Int(try row.next(Int64.self)))
        let seconds = try row.next(Double.self)
        let median = try row.nextIfPresent(Double.self)
        let p99 = try row.nextIfPresent(Double.self)
        return QueueMeasure.Figures(
            done: done,
            whole: whole,
            waiting: waiting,
            doubled: doubled,
            seconds: seconds,
            pickup: median.flatMap { median in p99.map { (median, $0) } }
        )
    }
}

struct MeasureParts: ManyRows {
    static let sql = SQL("measure_parts", PackageResources.measure_parts_sql)
    let kind: String
    let count: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(kind)
        parameters.append(Int32(clamping: count))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> QueueMeasure.Part {
        QueueMeasure.Part(
            done: Int(try row.next(Int64.self)),
            seconds: try row.next(),
            pickupP99: try row.nextIfPresent()
        )
    }
}
