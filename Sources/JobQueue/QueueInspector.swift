package import Postgres

/// Reads the queue for people and programs.
package struct QueueInspector: Sendable {
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    /// Counts by kind and state, the oldest waiting job, the parks, what is paused and the workers, as one JSON object.
    package func status(until deadline: Deadline) async throws(PostgresError) -> JSONText {
        try await pool.execute(QueueStatus(), until: deadline)
    }

    /// One job as a JSON object, with its place in line or the pause that holds it; `nil` if there is none of this id.
    package func job(_ id: Int64, until deadline: Deadline) async throws(PostgresError) -> JSONText? {
        try await pool.execute(GetJob(id: id), until: deadline)
    }
}
