import Access
import Gaps
import Postgres

/// Where residents find too little that suits them.
struct ReportGaps: RemoteMethod {
    static let name = "reports.gaps"
    static let summary = "Sets residents against matching supply, by park, nationality and category."
    static let cost = 50
    static let parameters: [Parameter] = [
        .optional("park", .text(maximumBytes: 64), "a park's id; all parks unless said"),
        .optional("nationality", .text(maximumBytes: 32), "ISO 3166-1 alpha-2; all that are known unless said"),
        .optional(
            "categories",
            .array(of: .text(maximumBytes: 64), maximumCount: 50),
            "root categories; all unless said"
        ),
    ]
    static let result: [Parameter] = [
        .required("rows", .list(of: .object(row)), "worst first")
    ]
    static let examples = [
        MethodExample(
            "where Germans find too little",
            #"{"park":"jx-de","nationality":"DE","categories":["health"]}"#,
            #"{"rows":[{"park":"jx-de","nationality":"DE","category":"health","rank":1}]}"#
        )
    ]

    private static let row: [Parameter] = [
        .required("park", .string),
        .required("nationality", .string),
        .required("category", .string),
        .required("category_label", .string),
        .optional("residents", .count, "absent where nobody has counted them"),
        .required("supply", .count, "matching places within reach"),
        .required("access", .measure),
        .required("gap", .number(0...1), "0: nothing is missing, 1: all is"),
        .required(
            "confidence",
            .object([.required("low", .number(0...1)), .required("high", .number(0...1))]),
            "the range in which the gap lies"
        ),
        .required("unmet_requests", .count),
        .optional("satisfaction", .number(1...5), "absent under five votes"),
        .optional(
            "nearest",
            .object([
                .required("amenity", .uuid), .required("name", .shownName), .required("distance_m", .measure),
                .required("minutes", .measure, "by car"),
            ])
        ),
        .required("rank", .count),
        .required("why", .string),
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
