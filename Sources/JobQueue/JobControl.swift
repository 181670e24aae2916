package import Postgres

/// What an operator may do with single jobs.
package struct JobControl: Sendable {
    private let pool: Pool

    /// What became of an operator's wish.
    package struct Outcome: Sendable {
        /// The state in which the job was found.
        package let state: String
        package let isChanged: Bool
    }

    /// Which jobs to list; `nil` is any.
    package struct Filter: Sendable {
        package var state: String?
        package var kind: String?
        package var park: String?
        /// Only jobs below this id: the next page.
        package var before: Int64?
        package var limit: Int

        package init(
            state: String? = nil,
            kind: String? = nil,
            park: String? = nil,
            before: Int64? = nil,
            limit: Int = 50
        ) {
            self.state = state
            self.kind = kind
            self.park = park
            self.before = before
            self.limit = limit
        }
    }

    package init(pool: Pool) { self.pool = pool }

    /// The newest jobs as a JSON array.
    package func list(_ filter: Filter, until deadline: Deadline) async throws(PostgresError) -> JSONText {
        try await pool.execute(ListJobs(filter: filter), until: deadline)
    }

    /// Makes a waiting job due at once, or a dead or cancelled one wait anew; `nil` if there is none of this id.
    package func retry(_ job: Int64, until deadline: Deadline) async throws(PostgresError) -> Outcome? {
        let outcome = try await pool.execute(RetryJob(job: job), until: deadline)
        if outcome?.isChanged == true { await Notifier.wakeAll(over: pool) }
        return outcome
    }

    /// Takes a waiting job out of the queue; `nil` if there is none of this id.
    package func cancel(_ job: Int64, until deadline: Deadline) async throws(PostgresError) -> Outcome? {
        try await pool.execute(CancelJob(job: job), until: deadline)
    }

    /// Forgets a dead or cancelled job; `nil` if there is none of this id.
    package func discard(_ job: Int64, until deadline: Deadline) async throws(PostgresError) -> Outcome? {
        try await pool.execute(DiscardJob(job: job), until: deadline)
    }
}

struct ListJobs: OneRow {
    static let sql = SQL("list_jobs", PackageResources.list_jobs_sql)
    let filter: JobControl.Filter

    func bind(to parameters: inout Parameters) {
        parameters.append(filter.state)
        parameters.append(filter.kind)
        parameters.append(filter.park)
        parameters.append(filter.before)
        parameters.append(Int32(clamping: filter.limit))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

/// A statement that changes one job, or says in which state it found it.
protocol JobChange: OneRow where Row == JobControl.Outcome? {
    var job: Int64 { get }
}

extension JobChange {
    func bind(to parameters: inout Parameters) { parameters.append(job) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JobControl.Outcome? {
        guard let state = try row.nextIfPresent(String.self) else { return nil }
        return JobControl.Outcome(state: state, isChanged: try row.next())
    }
}

struct RetryJob: JobChange {
    static let sql = SQL("retry_job", PackageResources.retry_job_sql)
    let job: Int64
}

struct CancelJob: JobChange {
    static let sql = SQL("cancel_job", PackageResources.cancel_job_sql)
    let job: Int64
}

struct DiscardJob: JobChange {
    static let sql = SQL("discard_job", PackageResources.discard_job_sql)
    let job: Int64
}
