/// Who looks for an amenity, as far as it matters for whether the place suits them.
package struct CultureProfile: Sendable, Equatable {
    /// ISO 3166-1 alpha-2.
    package var nationality: String?
    /// The terms that answer to the nationality: languages, curricula, cuisines, kinds of place.
    package var terms: Set<String>
    /// Languages that are understood, as primary BCP 47 subtags.
    package var languages: [String]
    /// Ages of the family's children, in years.
    package var childAges: [Int]
    /// Codes of places of worship (`worship.catholic`).
    package var faiths: Set<String>
    /// Codes of diets (`a.diet.halal`); all are needed.
    package var diets: Set<String>
    /// Codes of insurers (`a.insurer.msh`); one is enough.
    package var insurers: Set<String>

    /// - Parameter languages: where none is given, those that answer to the nationality.
    package init(
        nationality: String? = nil,
        terms: Set<String> = [],
        languages: [String] = [],
        childAges: [Int] = [],
        faiths: Set<String> = [],
        diets: Set<String> = [],
        insurers: Set<String> = []
    ) {
        self.nationality = nationality
        self.terms = terms
        let ofNationality = terms.filter { $0.hasPrefix(Self.languagePrefix) }.sorted()
        self.languages =
            languages.isEmpty ? ofNationality.map { String($0.dropFirst(Self.languagePrefix.count)) } : languages
        self.childAges = childAges
        self.faiths = faiths
        self.diets = diets
        self.insurers = insurers
    }

    /// Before a language's subtag in its attribute's code.
    static let languagePrefix = "a.lang."
}

/// What is known of an amenity that may matter to somebody's culture. What is not listed is not known; it is not absent.
package struct CultureTraits: Sendable, Equatable {
    package struct LanguageOffer: Sendable, Equatable {
        package let language: String
        /// `native`, `fluent`, `interpreter`, `basic`, `written` or `unknown`.
        package let level: String
        /// Where it is spoken: `clinician`, `front_desk` and the like; `nil` where only a property says so.
        package let channel: String?

        package init(language: String, level: String, channel: String? = nil) {
            self.language = language
            self.level = level
            self.channel = channel
        }
    }

    package var category: String
    package var attributes: Set<String>
    package var languages: [LanguageOffer]
    /// The month in which somebody last checked the languages, such as `2026-09`; `nil` where nobody has.
    package var languagesConfirmed: String?
    /// Whom a school may admit: `foreign`, or `japanese` for Japanese nationals.
    package var admits: String?
    /// Accreditations that have lapsed.
    package var lapsed: Set<String>

    package init(
        category: String,
        attributes: Set<String> = [],
        languages: [LanguageOffer] = [],
        languagesConfirmed: String? = nil,
        admits: String? = nil,
        lapsed: Set<String> = []
    ) {
        self.category = category
        self.attributes = attributes
        self.languages = languages
        self.languagesConfirmed = languagesConfirmed
        self.admits = admits
        self.lapsed = lapsed
    }

    /// The first part of the category's code.
    var root: Substring { category.prefix { $0 != "." } }
}
