package import Postgres

/// Loads and measures a queue, for benches. Only for a queue that holds nothing else.
package struct QueueMeasure: Sendable {
    private let pool: Pool

    /// What became of the jobs of one kind.
    package struct Figures: Sendable {
        package let done: Int
        /// From the first claim to the last completion, on the database's clock.
        package let seconds: Double
        /// Milliseconds from enqueueing to starting; `nil` if nothing was done.
        package let pickup: (median: Double, p99: Double)?
        /// Jobs that are not done, or done without the effect they should have left.
        package let lost: Int
        /// Effects beyond a job's first, and jobs that are done and still there.
        package let doubled: Int
    }

    package init(pool: Pool) { self.pool = pool }

    /// Enqueues a number of equal jobs in one statement.
    package func enqueue(
        _ count: Int,
        kind: String,
        payload: JSONText,
        until deadline: Deadline
    ) async throws(PostgresError) {
        _ = try await pool.execute(EnqueueCopies(kind: kind, payload: payload, count: count), until: deadline)
    }

    /// Counts what became of the jobs of a kind.
    ///
    /// - Parameter jobs: how many were enqueued.
    package func figures(
        kind: String,
        jobs: Int,
        expectsEffects: Bool,
        until deadline: Deadline
    ) async throws(PostgresError) -> Figures {
        try await pool.execute(MeasureJobs(kind: kind, jobs: jobs, expectsEffects: expectsEffects), until: deadline)
    }
}

struct EnqueueCopies: Command {
    static let sql = SQL("enqueue_copies", PackageResources.enqueue_copies_sql)
    let kind: String
    let payload: JSONText
    let count: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(kind)
        parameters.append(payload)
        parameters.append(Int32(clamping: count))
    }
}

struct MeasureJobs: OneRow {
    static let sql = SQL("measure_jobs", PackageResources.measure_jobs_sql)
    let kind: String
    let jobs: Int
    let expectsEffects: Bool

    func bind(to parameters: inout Parameters) {
        parameters.append(kind)
        parameters.append(Int64(jobs))
        parameters.append(expectsEffects)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> QueueMeasure.Figures {
        let done = Int(try row.next(Int64.self))
        let seconds = try row.next(Double.self)
        let median = try row.nextIfPresent(Double.self)
        let p99 = try row.nextIfPresent(Double.self)
        return QueueMeasure.Figures(
            done: done,
            seconds: seconds,
            pickup: median.flatMap { median in p99.map { (median, $0) } },
            lost: Int(try row.next(Int64.self)),
            doubled: Int(try row.next(Int64.self))
        )
    }
}
