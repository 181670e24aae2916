import Access
import FoundationEssentials
import Intake
import Postgres

/// Someone asks for something.
struct SubmitRequest: RemoteMethod {
    static let name = "requests.submit"
    static let summary = "Takes a request in anyone's own words; a worker answers it."
    static let parameters: [Parameter] = [
        // The desk counts characters; this bounds their bytes.
        .required("text", .text(maximumBytes: 4 * Desk.longestText)),
        .optional("park", .text(maximumBytes: 64)),
        .optional("lang", .text(maximumBytes: 35)),
        .optional("nationality", .text(maximumBytes: 32)),
        .optional("contact", .text(maximumBytes: 500)),
        .optional("categories", .array(of: .text(maximumBytes: 64), maximumCount: 50)),
        .optional("attributes", .array(of: .text(maximumBytes: 64), maximumCount: 50)),
    ]
    static let effect = MethodEffect.write
    static let access = MethodAccess.scope(.submit)
    static let patience = Duration.seconds(10)

    private let draft: RequestDraft

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

/// What became of a request.
struct GetRequest: RemoteMethod {
    static let name = "requests.get"
    static let summary = "Shows a request, what was understood, and what was found for it."
    static let parameters = GuardedReference.parameters

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

extension Answer {
    /// The answer to a submission.
    init(_ receipt: Receipt) {
        self.init { writer in
            writer.raw("{")
            writer.member("id", receipt.id.uuidString.lowercased())
            writer.member("secret", receipt.secret)
            writer.member("status", receipt.status)
            writer.raw("}")
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
