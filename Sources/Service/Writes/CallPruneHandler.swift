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
        var (keys, numbered) = (0, Int64(0))
        while true {
            // Each batch commits by itself, so that no transaction is long.
            let pruned = try await pool.execute(PruneKeys(count: Self.batch), until: .after(.seconds(30)))
            keys += pruned
            if pruned < Self.batch { break }
        }
        // Numbered, an event has its place; where nobody is subscribed, nobody has numbered it.
        while let last = try await pool.execute(NumberEvents(), until: .after(.seconds(30))), last > numbered {
            numbered = last
        }
        var events = 0
        while true {
            let statement = PruneEvents(age: .seconds(86_400), count: Self.batch)
            let pruned = try await pool.execute(statement, until: .after(.seconds(30)))
            events += pruned
            if pruned < Self.batch { break }
        }
        let sealing = try await pool.execute(RotateSealingKeys.asUsual, until: .after(.seconds(30)))
        let result =
            #"{"idempotency_keys":\#(keys),"events":\#(events),"sealing_keys":{"made":\#(sealing.made),"dropped":\#(sealing.dropped)}}"#
        return try await lease.finish(result: JSONText(result))
    }

    private static let batch = 5000
}
