import Access
import Gaps
import Postgres

/// Where residents find too little that suits them.
struct ReportGaps: RemoteMethod {
    static let name = "reports.gaps"
    static let summary = "Sets residents against matching supply, by park, nationality and category."
    static let parameters: [Parameter] = [
        .optional("park", .text(maximumBytes: 64)),
        .optional("nationality", .text(maximumBytes: 32)),
        .optional("categories", .array(of: .text(maximumBytes: 64), maximumCount: 50)),
    ]
    static let patience = Duration.seconds(30)

    private let park: String?
    private let nationality: String?
    private let categories: [String]

    init(_ arguments: Arguments) {
        park = arguments.text("park")
        nationality = arguments.text("nationality")
        categories = arguments.texts("categories")
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.gaps.gaps(
                    park: park,
                    nationality: nationality,
                    categories: categories,
                    language: context.language,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}
