import Access
import FoundationEssentials
import Intake
import Postgres

/// Someone asks for something.
struct SubmitRequest: SubmitMethod {
    static let name = "requests.submit"
    static let summary = "Takes a request in anyone's own words; a worker answers it."
    static let isRationed = false
    static let parameters: [Parameter] = [
        // The desk counts characters; this bounds their bytes.
        .required("text", .text(maximumBytes: 4 * Desk.longestText), "1 to \(Desk.longestText) characters"),
        .optional("park", .text(maximumBytes: 64), "a park's id"),
        .optional("lang", .text(maximumBytes: 35), "of the text, BCP 47"),
        .optional("nationality", .text(maximumBytes: 32), "who asks, ISO 3166-1 alpha-2"),
        .optional("contact", .text(maximumBytes: 500), "how to reach who asks; shown to staff alone"),
        .optional(
            "categories",
            .array(of: .text(maximumBytes: 64), maximumCount: 50),
            "codes of taxonomy.list, in place of what is understood of the text"
        ),
        .optional("attributes", .array(of: .text(maximumBytes: 64), maximumCount: 50), "likewise"),
    ]
    static let errors = ErrorCode.ofEveryWrite
    static let examples = [
        MethodExample(
            "a request in plain words",
            #"{"text":"We look for a dentist who speaks German","park":"jx-de"}"#,
            #"{"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","secret":"90b3f2c4d5e6478892a1b0c9d8e7f601","status":"received"}"#
        )
    ]

    let draft: RequestDraft

    init(_ arguments: Arguments) {
        draft = RequestDraft(
            text: arguments.requiredText("text"),
            park: arguments.text("park"),
            lang: arguments.text("lang"),
            nationality: arguments.text("nationality"),
            contact: arguments.text("contact"),
            categories: arguments.texts("categories"),
            attributes: arguments.texts("attributes")
        )
    }
}

/// What became of a request.
struct GetRequest: RemoteMethod {
    static let name = "requests.get"
    static let summary = "Shows a request, what was understood, and what was found for it."
    static let parameters = GuardedReference.parameters
    static let result: [Parameter] = [
        .required("id", .uuid),
        .required("status", .choice(["received", "understood", "answered", "unmet", "needs_staff", "closed"])),
        .required("text", .string),
        .optional(
            "understood",
            .object([
                .required("categories", .codes), .required("attributes", .codes), .optional("park", .string),
                .required("urgency", .string), .required("party", .string),
            ]),
            "absent until a worker has read it"
        ),
        .required("matches", .list(of: .any), "{amenity, score, reasons[]}, best first"),
        .optional("nearest_alternative", .any, "where nothing matches within reach"),
        .required("timeline", .timeline),
        .optional("job", .submittedJob),
    ]
    static let errors = [ErrorCode.notFound]
    static let examples = [
        MethodExample(
            "a request that waits",
            #"{"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","secret":"90b3f2c4d5e6478892a1b0c9d8e7f601"}"#,
            #"{"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","status":"received","matches":[],"job":{"state":"ready"}}"#
        )
    ]

    private let reference: GuardedReference

    init(_ arguments: Arguments) throws(CallError) { reference = try GuardedReference(arguments) }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.desk.request(
                    reference.id,
                    by: reference.key(context),
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}

extension Arguments {
    /// A parameter whose schema is ``Schema/uuid``.
    func requiredUUID(_ name: String) throws(CallError) -> UUID {
        guard let id = UUID(uuidString: requiredText(name)) else {
            throw .invalid("/params/" + name, expected: Schema.uuid.expectation)
        }
        return id
    }
}
