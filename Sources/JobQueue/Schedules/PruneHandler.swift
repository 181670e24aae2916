import FoundationEssentials
package import Postgres

/// Does `prune` jobs: deletes what the queue keeps of jobs that ended long ago, as `amenity queue prune` does.
///
/// Each batch commits by itself. So a job that is cut off is simply done again, and what it has deleted stays deleted.
package struct PruneHandler: JobHandler {
    package let kind = "prune"
    private let pruner: QueuePruner

    package init(pool: Pool) { self.pruner = QueuePruner(pool: pool) }

    private struct Payload: Decodable {
        var older_than_days: Int?
    }

    package func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
        let payload = try JSONDecoder().decode(Payload.self, from: Data(job.payload.utf8))
        let days = payload.older_than_days ?? 30
        guard (1...36_500).contains(days) else { throw BadAge(days: days) }
        let pruned = try await pruner.prune(olderThan: .seconds(86_400 * days))
        let result = JSONText(#"{"outcomes":\#(pruned.outcomes),"unique_keys":\#(pruned.keys)}"#)
        return try await lease.finish(result: result)
    }
}

/// A prune was asked for with an age that makes no sense.
struct BadAge: Error, CustomStringConvertible {
    let days: Int

    var description: String { "older_than_days is a number from 1 to 36500, not \(days)" }
}
