import Access
import FoundationEssentials
import Intake
import Postgres

/// A method that takes in what somebody hands in at the desk.
protocol SubmitMethod: WriteMethod {
    associatedtype Draft: Intake.Draft
    /// Whether an address may hand in only so much in an hour without a token.
    static var isRationed: Bool { get }
    var draft: Draft { get }
}

extension SubmitMethod {
    // A worker or a person may, later.
    static var changesCatalogue: Bool { false }
    static var cost: Int { 2 }
    static var access: MethodAccess { .scope(.submit) }
    static var result: [Parameter] { Receipt.members }

    func change(_ context: CallContext, in session: Session) async throws(CallError) -> Change {
        let isLimited = Self.isRationed && context.principal.role == .anonymous
        let place = isLimited ? try context.feedbackShare?.take() : nil
        do {
            let desk = context.backend.desk
            let receipt = try await desk.submit(draft, origin: context.requestID, in: session)
            return Change(answer: Answer(receipt)) { desk.announce(receipt) }
        } catch {
            place?.giveBack()
            throw CallError(error)
        }
    }
}

extension Receipt {
    /// What ``Answer/init(_:)`` writes of it, described.
    static let members: [Parameter] = [
        .required("id", .uuid),
        .required("secret", .string, "whoever has it may read what became of it; it is shown this once"),
        .required("status", .string),
    ]
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
