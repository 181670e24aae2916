import Access
import FoundationEssentials
import Intake
import Postgres

/// Someone says something about an amenity.
struct SubmitFeedback: SubmitMethod {
    static let name = "feedback.submit"
    static let summary = "Takes a comment, a rating or a correction of an amenity."
    static let isRationed = true
    static let parameters: [Parameter] = [
        .required("amenity", .text(maximumBytes: 128), "its id or slug"),
        .optional(
            "text",
            .text(maximumBytes: 4 * Desk.longestText),
            "a comment; this, stars or a correction is needed"
        ),
        .optional("stars", .integer(1...5), "5 is best"),
        .optional(
            "correction",
            .object([
                .required("field", .choice(Correction.fields)),
                .required("value", .text(maximumBytes: 2000), "what it should be"),
            ]),
            "what is wrong with the listing; staff look at it first"
        ),
        .optional("lang", .text(maximumBytes: 35), "of the text, BCP 47"),
        .optional("nationality", .text(maximumBytes: 32), "who says it, ISO 3166-1 alpha-2"),
    ]
    static let errors = ErrorCode.ofEveryWrite + [.notFound, .quotaExceeded]
    static let examples = [
        MethodExample(
            "a correction",
            #"{"amenity":"pinghu-second-people-hospital","correction":{"field":"phone","value":"0573-85022120"}}"#,
            #"{"id":"0b9a1f5e-6c1d-4c40-9d52-3d7e5a0f6b11","secret":"5d1c0e9f8a7b4c3d9e8f7a6b5c4d3e2f","status":"received"}"#
        )
    ]

    let draft: FeedbackDraft

    init(_ arguments: Arguments) throws(CallError) {
        draft = FeedbackDraft(
            amenity: arguments.requiredText("amenity"),
            text: arguments.text("text"),
            stars: arguments.integer("stars"),
            correction: try arguments.object("correction").map { correction in
                Correction(field: correction.requiredText("field"), value: correction.requiredText("value"))
            },
            lang: arguments.text("lang"),
            nationality: arguments.text("nationality")
        )
    }
}

/// What became of feedback.
struct GetFeedback: RemoteMethod {
    static let name = "feedback.get"
    static let summary = "Shows what became of feedback."
    static let parameters = GuardedReference.parameters
    static let result: [Parameter] = [
        .required("id", .uuid),
        .required("status", .choice(["received", "published", "in_review", "merged", "applied", "rejected"])),
        .required("amenity", .uuid),
        .optional("kind", .choice(["rating", "comment", "correction"])),
        .optional("field", .string),
        .optional("value", .string),
        .optional("stars", .integer(1...5)),
        .optional("reply", .string, "what staff say to it"),
        .required("timeline", .timeline),
        .optional("job", .submittedJob),
    ]
    static let errors = [ErrorCode.notFound]
    static let examples = [
        MethodExample(
            "a correction that waits",
            #"{"id":"0b9a1f5e-6c1d-4c40-9d52-3d7e5a0f6b11","secret":"5d1c0e9f8a7b4c3d9e8f7a6b5c4d3e2f"}"#,
            #"{"id":"0b9a1f5e-6c1d-4c40-9d52-3d7e5a0f6b11","status":"received","field":"phone"}"#
        )
    ]

    private let reference: GuardedReference

    init(_ arguments: Arguments) throws(CallError) { reference = try GuardedReference(arguments) }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.desk.feedback(
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
