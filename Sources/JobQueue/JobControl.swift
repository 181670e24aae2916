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
        package var state: JobState?
        package var kind: String?
        package var park: String?
        /// Only jobs below this id: the next page.
        package var before: Int64?
        package var limit: Int

        package init(
            state: JobState? = nil,
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

    /// Jobs of a list.
    package struct Page: Sendable {
        /// A JSON array, the newest job first.
        package let jobs: JSONText
        /// What ``Filter/before`` is for the next page; `nil` at the end.
        package let next: Int64?
    }

    /// What became of an operator's wish for many jobs.
    package struct Redriven: Sendable, Equatable {
        /// Jobs that wait anew.
        package var retried = 0
        /// Jobs that stay dead, since another holds their unique key.
        package var held = 0
    }

    /// The newest jobs.
    ///
    /// - Parameter opening: what the transaction begins with, such as taking on a role that sees a part of the queue only.
    package func list(
        _ filter: Filter,
        after opening: (any Statement)? = nil,
        until deadline: Deadline
    ) async throws(PostgresError) -> Page {
        try await pool.read(ListJobs(filter: filter), after: opening, until: deadline)
    }

    /// Makes a waiting job due at once, or a dead or cancelled one wait anew; `nil` if there is none of this id.
    package func retry(_ job: Int64, until deadline: Deadline) async throws(PostgresError) -> Outcome? {
        let outcome = try await pool.execute(RetryJob(job: job), until: deadline)
        if outcome?.isChanged == true { await Notifier.wakeAll(over: pool) }
        return outcome
    }

    /// Makes dead jobs wait anew, each with a clean count; the oldest first, in small transactions. What dies meanwhile is left
    /// alone.
    ///
    /// - Parameters:
    ///   - kind: only jobs of this kind.
    ///   - park: only jobs of this park.
    ///   - limit: how many come back at most.
    ///   - batch: how many share a transaction, which keeps locks on their keys.
    package func redrive(
        kind: String? = nil,
        park: String? = nil,
        limit: Int = .max,
        batch: Int = 500
    ) async throws(PostgresError) -> Redriven {
        var total = Redriven()
        var statement = RedriveJobs(kind: kind, park: park)
        while total.retried < limit {
            statement.count = min(batch, limit - total.retried)
            let round = try await pool.execute(statement, until: .after(.seconds(60)))
            total.retried += round.redriven.retried
            total.held += round.redriven.held
            guard let last = round.last else { break }
            statement.after = last
            statement.diedBefore = round.diedBefore
        }
        if total.retried > 0 { await Notifier.wakeAll(over: pool) }
        return total
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
        parameters.append(filter.state?.rawValue)
        parameters.append(filter.kind)
        parameters.append(filter.park)
        parameters.append(filter.before)
        parameters.append(Int32(clamping: filter.limit))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JobControl.Page {
        JobControl.Page(jobs: try row.next(), next: try row.nextIfPresent())
    }
}

struct RedriveJobs: OneRow {
    static let sql = SQL("redrive_jobs", PackageResources.redrive_jobs_sql)
    let kind: String?
    let park: String?
    /// The id after which to go on.
    var after: Int64 = 0
    var count = 0
    /// `nil` is now.
    var diedBefore: Timestamp?

    init(kind: String?, park: String?) {
        self.kind = kind
        self.park = park
    }

    func bind(to parameters: inout Parameters) {
        parameters.append(kind)
        parameters.append(park)
        parameters.append(after)
        parameters.append(Int32(clamping: count))
        parameters.append(diedBefore)
    }

    static func decode(
        _ row: inout RowReader
    ) throws(PostgresError) -> (last: Int64?, redriven: JobControl.Redriven, diedBefore: Timestamp) {
        let last = try row.nextIfPresent(Int64.self)
        let redriven = JobControl.Redriven(retried: try row.next(), held: try row.next())
        return (last, redriven, try row.next())
    }
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
