import Catalog
package import FoundationEssentials
package import Postgres

/// What somebody hands in at the ``Desk``.
package protocol Draft: Sendable {
    /// The kind of the job that it becomes.
    static var jobKind: String { get }

    /// The draft without what says nothing.
    ///
    /// - Throws: ``IntakeError/invalid(member:expected:)`` for what can't be right.
    func checked() throws(IntakeError) -> Self

    /// Keeps it and puts its job in.
    ///
    /// - Parameter origin: the id of the call, for the log of whoever handles it.
    /// - Throws: ``IntakeError`` for what is not known here, and ``PostgresError``.
    func keep(secret: String, origin: String?, in session: Session) async throws -> UUID
}

/// What a submitter gets: who holds the secret may read what became of it.
package struct Receipt: Sendable {
    package let id: UUID
    package let secret: String
    package let status: String
    /// The kind of the job that was put in.
    let jobKind: String
}

extension IntakeError {
    static func check(text: String, isRequired: Bool) throws(IntakeError) {
        guard text.count <= Desk.longestText, !isRequired || text.contains(where: { !$0.isWhitespace }) else {
            throw .invalid(member: "text", expected: "1 to \(Desk.longestText) characters")
        }
    }

    static func check(nationality: String?) throws(IntakeError) {
        guard let nationality, !Nationality.isCode(nationality) else { return }
        throw .invalid(member: "nationality", expected: Nationality.expectation)
    }
}
