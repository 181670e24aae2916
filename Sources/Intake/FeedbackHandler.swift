import FoundationEssentials
package import JobQueue
package import Postgres

/// Files feedback: a correction goes before the park's staff, ratings and comments are published.
package struct FeedbackHandler: JobHandler {
    package var kind: String { Self.kind }
    /// As the database calls it that puts the job in.
    static let kind = "feedback"
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    package func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
        let id = try Payload(job.payload).id
        guard let feedback = try await pool.execute(FeedbackToHandle(id: id), until: .after(.seconds(30))) else {
            return try await lease.finish()
        }
        return try await lease.finish(recording: SettleFeedback(id: id, filing: feedback.filing))
    }
}

/// Where a feedback belongs.
enum FeedbackFiling: Sendable {
    case correction
    case comment
    case rating

    var kind: String {
        switch self {
        case .correction: "correction"
        case .comment: "comment"
        case .rating: "rating"
        }
    }

    /// Nothing that a stranger says changes a listing before staff have looked.
    var status: String {
        switch self {
        case .correction: "in_review"
        case .comment, .rating: "published"
        }
    }
}
