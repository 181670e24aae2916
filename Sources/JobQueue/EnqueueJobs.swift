package import Postgres

extension Session {
    /// Enqueues jobs as part of this session's transaction, in one statement: they exist if and only if the transaction
    /// commits. Outside a transaction it is all or none of them.
    ///
    /// Some 1,000 at a time are fifty times as fast as one by one, and as fast as it gets.
    ///
    /// - Returns: what became of each, in the order of the jobs.
    /// - Throws: `PostgresError`; one job that is refused, such as one without a kind, has all of them refused.
    package func enqueue(_ jobs: [NewJob]) async throws(PostgresError) -> [EnqueuedJob] {
        guard !jobs.isEmpty else { return [] }
        guard jobs.contains(where: { $0.merges || $0.uniqueFor != nil }) else {
            return try await execute(EnqueueJobs(jobs: jobs))
        }
        // What the statement can't say goes one by one, in one round trip. By key, as the statement does it, so that two
        // such calls at once wait for each other in the same order.
        let order = jobs.indices.sorted { (jobs[$0].uniqueKey ?? "", $0) < (jobs[$1].uniqueKey ?? "", $1) }
        let enqueued = try await pipeline(order.map { EnqueueJob(job: jobs[$0]) })
        return zip(order, enqueued).sorted { $0.0 < $1.0 }.map(\.1)
    }
}

extension Pool {
    /// Enqueues jobs, all or none of them; see ``Session/enqueue(_:)-([NewJob])``.
    package func enqueue(_ jobs: [NewJob], until deadline: Deadline) async throws -> [EnqueuedJob] {
        try await withSession(until: deadline) { try await $0.enqueue(jobs) }
    }
}

/// Neither merges jobs nor says for how long a key is kept.
struct EnqueueJobs: ManyRows {
    static let sql = SQL("enqueue_jobs", PackageResources.enqueue_jobs_sql)
    let jobs: [NewJob]

    /// An array without values is left out, which also spares the server a look at each key.
    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(jobs.map(\.kind)))
        parameters.append(PostgresArray(jobs.map(\.payload)))
        parameters.append(sparse(\.park))
        parameters.append(sparse(\.uniqueKey))
        parameters.append(sparse(\.runAt))
        parameters.append(sparse(\.priority))
        parameters.append(sparse(\.origin))
    }

    private func sparse<Value>(_ values: (NewJob) -> Value?) -> PostgresSparseArray<Value>? {
        let values = jobs.map(values)
        return values.contains { $0 != nil } ? PostgresSparseArray(values) : nil
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> EnqueuedJob { try EnqueuedJob(&row) }
}
