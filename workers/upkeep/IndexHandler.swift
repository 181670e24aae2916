import Catalog
import JobQueue
import Postgres

/// Does `index` jobs: writes the words by which amenities are found, for those that changed, and for all when the fold has
/// another version than the one that wrote them.
///
/// Each batch commits by itself, so a job that is cut off is simply done again.
struct IndexHandler: JobHandler {
    let kind = "index"
    /// A million amenities take minutes.
    var limit: Duration? { .seconds(3600) }
    private let indexer: SearchIndexer

    init(pool: Pool) { indexer = SearchIndexer(pool: pool) }

    func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
        let count = try await indexer.refresh(until: .after(.seconds(3600)))
        return try await lease.finish(result: JSONText(#"{"amenities":\#(count)}"#))
    }
}
