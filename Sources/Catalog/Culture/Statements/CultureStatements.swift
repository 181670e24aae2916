import FoundationEssentials
import Postgres

/// What answers to a nationality, and the words to tell it with.
struct CultureTerms: OneRow {
    static let sql = SQL("culture_terms", PackageResources.culture_terms_sql)
    static let route = Route.shared
    let nationality: String?
    let language: Language

    struct Row: Sendable {
        let terms: Set<String>
        /// By code.
        let labels: [String: String]
    }

    func bind(to parameters: inout Parameters) {
        parameters.append(nationality)
        parameters.append(language.code)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        let terms = try row.next(PostgresArray<String>.self).elements
        let codes = try row.next(PostgresArray<String>.self).elements
        let labels = try row.next(PostgresArray<String>.self).elements
        return Row(terms: Set(terms), labels: Dictionary(zip(codes, labels)) { first, _ in first })
    }
}

/// What is known of amenities that may matter to somebody's culture.
struct FindCultureTraits: ManyRows {
    static let sql = SQL("culture_traits", PackageResources.culture_traits_sql)
    static let route = Route.shared
    let ids: [UUID]

    func bind(to parameters: inout Parameters) { parameters.append(PostgresArray(ids)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (id: UUID, traits: CultureTraits) {
        let id = try row.next(UUID.self)
        let category = try row.next(String.self)
        let attributes = try row.next(PostgresArray<String>.self).elements
        let languages = try row.next(PostgresArray<String>.self).elements
        let levels = try row.next(PostgresArray<String>.self).elements
        let channels = try row.next(PostgresArray<String>.self).elements
        let traits = CultureTraits(
            category: category,
            attributes: Set(attributes),
            languages: languages.indices.map { index in
                CultureTraits.LanguageOffer(
                    language: languages[index],
                    level: levels[index],
                    channel: channels[index]
                )
            },
            languagesConfirmed: try row.nextIfPresent(),
            admits: try row.nextIfPresent(),
            lapsed: Set(try row.next(PostgresArray<String>.self).elements)
        )
        return (id, traits)
    }
}
