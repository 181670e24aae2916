import Access
import FoundationEssentials
import Intake

/// Names something that its submitter reads back with the secret of its receipt.
struct GuardedReference: Sendable {
    static let parameters: [Parameter] = [
        .required("id", .uuid, "as of the receipt"),
        .optional("secret", .text(maximumBytes: 128), "as of the receipt; not needed with a token that may read all"),
    ]

    let id: UUID
    /// Absent where the caller's token may read it.
    let secret: String?

    init(_ arguments: Arguments) throws(CallError) {
        id = try arguments.requiredUUID("id")
        secret = arguments.text("secret")
    }

    /// Why the caller may see it: by the secret, or by a role that sees what others have handed in.
    func key(_ context: CallContext) -> RecordKey {
        RecordKey(secret: secret, opening: context.principal.may(.desk) ? context.opening : nil)
    }
}
