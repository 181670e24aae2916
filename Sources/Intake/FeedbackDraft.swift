package import FoundationEssentials
package import Postgres

/// What a reporter says is right.
package struct Correction: Sendable {
    package var field: String
    package var value: String

    package init(field: String, value: String) {
        self.field = field
        self.value = value
    }
}

/// What somebody says of an amenity.
package struct FeedbackDraft: Sendable {
    /// Id or slug.
    package var amenity: String
    package var text: String?
    /// 1...5.
    package var stars: Int?
    package var correction: Correction?
    package var lang: String?
    package var nationality: String?

    package init(
        amenity: String,
        text: String? = nil,
        stars: Int? = nil,
        correction: Correction? = nil,
        lang: String? = nil,
        nationality: String? = nil
    ) {
        self.amenity = amenity
        self.text = text
        self.stars = stars
        self.correction = correction
        self.lang = lang
        self.nationality = nationality
    }
}

extension FeedbackDraft: Draft {
    package static var jobKind: String { FeedbackHandler.kind }

    package func checked() throws(IntakeError) -> FeedbackDraft {
        var draft = self
        // A text without words says nothing.
        if text?.contains(where: { !$0.isWhitespace }) == false { draft.text = nil }
        try IntakeError.check(text: draft.text ?? "", isRequired: false)
        try IntakeError.check(nationality: nationality)
        if let stars, !(1...5).contains(stars) { throw .invalid(member: "stars", expected: "integer 1..5") }
        try correction?.check()
        guard draft.text != nil || stars != nil || correction != nil else {
            throw .invalid(member: "text", expected: "a text, stars or a correction")
        }
        return draft
    }

    package func keep(secret: String, origin: String?, in session: Session) async throws -> UUID {
        guard let id = try await session.execute(TakeFeedback(secret: secret, draft: self, origin: origin)) else {
            throw IntakeError.notFound(what: "amenity", id: amenity)
        }
        return id
    }
}

extension Correction {
    /// What a reporter may correct.
    package static let fields = [
        "name", "phone", "address", "website", "hours", "language", "category", "price", "location", "moved", "closed",
        "duplicate",
    ]

    fileprivate func check() throws(IntakeError) {
        guard Self.fields.contains(field) else {
            throw .invalid(member: "correction/field", expected: "one of \(Self.fields.joined(separator: ", "))")
        }
        guard !value.isEmpty, value.count <= 500 else {
            throw .invalid(member: "correction/value", expected: "1 to 500 characters")
        }
    }
}
