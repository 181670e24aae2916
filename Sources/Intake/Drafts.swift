package import FoundationEssentials

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

/// What a submitter gets: who holds the secret may read what became of it.
package struct Receipt: Sendable {
    package let id: UUID
    package let secret: String
    package let status: String
    /// The kind of the job that was put in.
    let jobKind: String
}
