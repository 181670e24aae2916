package import Postgres

/// Deletes what the queue keeps of jobs that ended long ago.
package struct QueuePruner: Sendable {
    private let pool: Pool
    /// Keeps each transaction short.
    private let batch: Int

    /// How much was deleted.
    package struct Pruned: Sendable, Equatable {
        package fileprivate(set) var done = 0
        package fileprivate(set) var dead = 0
        package fileprivate(set) var cancelled = 0
        package fileprivate(set) var keys = 0

        package var outcomes: Int { done + dead + cancelled }
    }

    package init(pool: Pool, batch: Int = 5000) {
        self.pool = pool
        self.batch = batch
    }

    /// Deletes the outcomes of jobs that ended longer ago than this, and the unique keys whose window is over.
    ///
    /// - Parameter age: a day or more; within it, a finished job's key still stands for the job.
    package func prune(olderThan age: Duration) async throws(PostgresError) -> Pruned {
        precondition(age >= .seconds(86_400), "a finished job is kept for as long as its key")
        var total = Pruned()
        let dropped = try await pool.execute(DropDays(age: age), until: .after(.seconds(60)))
        (total.done, total.cancelled) = (dropped.done, dropped.cancelled)
        var nextID = Int64?.some(0)
        while let after = nextID {
            let statement = PruneOutcomes(after: after, count: batch, age: age)
            let round = try await pool.execute(statement, until: .after(.seconds(30)))
            total.done += round.pruned.done
            total.dead += round.pruned.dead
            total.cancelled += round.pruned.cancelled
            nextID = round.last
        }
        var nextKey = String?.some("")
        while let after = nextKey {
            let statement = PruneKeys(after: after, count: batch)
            let round = try await pool.execute(statement, until: .after(.seconds(30)))
            total.keys += round.keys
            nextKey = round.last
        }
        return total
    }
}

struct DropDays: OneRow {
    static let sql = SQL("drop_days", PackageResources.drop_days_sql)
    let age: Duration

    func bind(to parameters: inout Parameters) { parameters.append(Interval(age)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (done: Int, cancelled: Int) {
        (Int(try row.next(Int64.self)), Int(try row.next(Int64.self)))
    }
}

struct PruneOutcomes: OneRow {
    static let sql = SQL("prune_outcomes", PackageResources.prune_outcomes_sql)
    let after: Int64
    let count: Int
    let age: Duration

    func bind(to parameters: inout Parameters) {
        parameters.append(after)
        parameters.append(Int32(clamping: count))
        parameters.append(Interval(age))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (last: Int64?, pruned: QueuePruner.Pruned) {
        let last = try row.nextIfPresent(Int64.self)
        return (
            last, QueuePruner.Pruned(done: try row.next(), dead: try row.next(), cancelled: try row.next())
        )
    }
}

struct PruneKeys: OneRow {
    static let sql = SQL("prune_keys", PackageResources.prune_keys_sql)
    let after: String
    let count: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(after)
        parameters.append(Int32(clamping: count))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (last: String?, keys: Int) {
        (try row.nextIfPresent(), try row.next())
    }
}
