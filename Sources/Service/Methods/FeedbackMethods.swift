import Access
import FoundationEssentials
import Intake
import Postgres

/// Someone says something about an amenity.
struct SubmitFeedback: RemoteMethod {
    static let name = "feedback.submit"
    static let summary = "Takes a comment, a rating or a correction of an amenity."
    static let parameters: [Parameter] = [
        .required("amenity", .text(maximumBytes: 128)),
        .optional("text", .text(maximumBytes: 4 * Desk.longestText)),
        .optional("stars", .integer(1...5)),
        .optional(
            "correction",
            .object([
                .required("field", .text(maximumBytes: 64)),
                .required("value", .text(maximumBytes: 2000)),
            ])
        ),
        .optional("lang", .text(maximumBytes: 35)),
        .optional("nationality", .text(maximumBytes: 32)),
    ]
    static let effect = MethodEffect.write
    static let access = MethodAccess.scope(.submit)
    static let patience = Duration.seconds(10)

    private let draft: FeedbackDraft

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

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.desk.submit(
                    draft,
                    origin: context.requestID,
                    after: context.opening,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}

/// What became of feedback.
struct GetFeedback: RemoteMethod {
    static let name = "feedback.get"
    static let summary = "Shows what became of feedback."
    static let parameters = GuardedReference.parameters

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
