package import JobQueue
package import Postgres

/// Does `prune_calls` jobs: deletes idempotency keys that have expired and events that are a day old, and replaces the key
/// that seals cursors when it is old.
package struct CallPruneHandler: JobHandler {
    package static let kind = "prune_calls"
    package var kind: String { Self.kind }
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    package func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
        let keys = try await prune(PruneKeys(count: Self.batch))
        // Numbered, an event has its place; where nobody is subscribed, nobody has numbered it.
        var numbered: Int64 = 0
        while let last = try await pool.execute(NumberEvents(), until: .after(.seconds(30))), last > numbered {
            numbered = last
        }
        let events = try await prune(PruneEvents(age: .seconds(86_400), count: Self.batch))
        let sealing = try await pool.execute(RotateSealingKeys.asUsual, until: .after(.seconds(30)))
        let result =
            #"{"idempotency_keys":\#(keys),"events":\#(events),"sealing_keys":{"made":\#(sealing.made),"dropped":\#(sealing.dropped)}}"#
        return try await lease.finish(result: JSONText(result))
    }

    /// Runs a statement that deletes one batch until nothing is left; how many went. Each batch commits by itself, so that no
    /// transaction is long.
    private func prune<S: Statement>(_ batch: S) async throws -> Int where S.Output == Int {
        var count = 0
        while true {
            let pruned = try await pool.execute(batch, until: .after(.seconds(30)))
            count += pruned
            if pruned < Self.batch { return count }
        }
    }

    private static let batch = 5000
}
