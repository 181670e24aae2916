import Catalog
package import FoundationEssentials
package import Postgres

/// What somebody asks for.
package struct RequestDraft: Sendable {
    package var text: String
    package var park: String?
    /// BCP 47, of the text.
    package var lang: String?
    /// ISO 3166-1 alpha-2.
    package var nationality: String?
    package var contact: String?
    /// Codes that the asker chose; more may be understood from the text.
    package var categories: [String]
    package var attributes: [String]

    package init(
        text: String,
        park: String? = nil,
        lang: String? = nil,
        nationality: String? = nil,
        contact: String? = nil,
        categories: [String] = [],
        attributes: [String] = []
    ) {
        self.text = text
        self.park = park
        self.lang = lang
        self.nationality = nationality
        self.contact = contact
        self.categories = categories
        self.attributes = attributes
    }
}

extension RequestDraft: Draft {
    package static var jobKind: String { RequestHandler.kind }

    package func checked() throws(IntakeError) -> RequestDraft {
        try IntakeError.check(text: text, isRequired: true)
        try IntakeError.check(nationality: nationality)
        return self
    }

    package func keep(secret: String, origin: String?, in session: Session) async throws -> UUID {
        let known = try await session.execute(UnknownCodes(draft: self))
        guard known.knowsPark else {
            throw IntakeError.unknownPark(park ?? "", known: try await session.execute(ParkIDs()))
        }
        if let code = known.unknown.first { throw rejects(code) }
        return try await session.execute(TakeRequest(secret: secret, draft: self, origin: origin))
    }

    private func rejects(_ code: String) -> IntakeError {
        let expected = "a code of taxonomy.list"
        if let index = categories.firstIndex(of: code) {
            return .invalid(member: "categories/\(index)", expected: expected)
        }
        return .invalid(member: "attributes/\(attributes.firstIndex(of: code) ?? 0)", expected: expected)
    }
}
