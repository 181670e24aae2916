package import Postgres

/// Reads the queue for people and programs.
package struct QueueInspector: Sendable {
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    /// Counts by kind and state, the oldest waiting job, the parks, what is paused and capped, the workers and what the
    /// tables have to bear, as one JSON object.
    ///
    /// - Parameters:
    ///   - tellsQueries: whether to tell the statements of those that hold snapshots. There may be anything in them, so they
    ///     are for whoever may look into the database itself.
    ///   - opening: what the transaction begins with, such as taking on a role that sees a part of the queue only.
    package func status(
        tellsQueries: Bool,
        after opening: (any Statement)? = nil,
        until deadline: Deadline
    ) async throws(PostgresError) -> JSONText {
        try await pool.read(QueueStatus(tellsQueries: tellsQueries), after: opening, until: deadline)
    }

    /// Much of ``status(tellsQueries:until:)`` without the counts of what has ended, and numbers that only grow, as one
    /// JSON object: cheap enough for every second.
    package func look(until deadline: Deadline) async throws(PostgresError) -> JSONText {
        try await pool.execute(WatchQueue(), until: deadline)
    }

    /// What metrics show of the queue.
    ///
    /// - Parameter kinds: not empty.
    package func gauges(of kinds: [String], until deadline: Deadline) async throws(PostgresError) -> QueueGauges {
        try await pool.execute(GaugeQueue(kinds: kinds), until: deadline)
    }

    /// One job as a JSON object, with its place in line or the pause that holds it; `nil` if there is none of this id.
    ///
    /// - Parameter opening: what the transaction begins with, such as taking on a role that sees a part of the queue only.
    package func job(
        _ id: Int64,
        after opening: (any Statement)? = nil,
        until deadline: Deadline
    ) async throws(PostgresError) -> JSONText? {
        try await pool.read(GetJob(id: id), after: opening, until: deadline)
    }
}

/// How the queue stands, in numbers; those by kind in the order in which the kinds were asked for.
package struct QueueGauges: Sendable {
    /// Jobs that are due; no more than 10,000 of a kind and park are counted.
    package let waiting: [Int]
    package let running: [Int]
    /// For how many seconds the job has been due that has waited longest; 0 where none waits.
    package let oldest: [Double]
    /// What vacuum has not removed yet from the tables of waiting and running jobs.
    package let deadRows: Int
    /// For how many seconds somebody has held the oldest snapshot; 0 where nobody holds one.
    package let snapshotAge: Double
}
