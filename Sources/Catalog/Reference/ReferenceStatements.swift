import Postgres

struct VocabularyEdition: OneRow {
    static let sql = SQL("vocabulary_edition", PackageResources.vocabulary_edition_sql)
    static let route = Route.shared

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

/// The taxonomy with its labels.
struct ReferenceTerms: ManyRows {
    static let sql = SQL("reference_terms", PackageResources.reference_terms_sql)
    static let route = Route.shared

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Reference.Term {
        let code = try row.next(String.self)
        let parent = try row.nextIfPresent(String.self)
        let kind = try row.next(String.self)
        return Reference.Term(
            code: code,
            parent: parent,
            isCategory: kind == "category",
            labels: try row.nextLabels()
        )
    }
}

/// Synonyms and the words of queries; `nil` for a kind that this version does not know.
struct ReferenceWords: ManyRows {
    static let sql = SQL("reference_words", PackageResources.reference_words_sql)
    static let route = Route.shared

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Phrase? {
        let kind = try row.next(String.self)
        let value = try row.next(String.self)
        let language = try row.next(String.self)
        let word = try row.next(String.self)
        return Meaning(kind: kind, value: value).map { Phrase(word, language: language, meaning: $0) }
    }
}

struct ReferenceRegions: ManyRows {
    static let sql = SQL("reference_regions", PackageResources.reference_regions_sql)
    static let route = Route.shared

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Gazetteer.Region {
        let code = try row.next(String.self)
        let parent = try row.nextIfPresent(String.self)
        _ = try row.next(String.self)
        return Gazetteer.Region(
            code: code,
            parent: parent,
            nameZh: try row.next(),
            nameEn: try row.next(),
            seat: try row.nextCoordinate()
        )
    }
}

struct ReferenceParks: ManyRows {
    static let sql = SQL("reference_parks", PackageResources.reference_parks_sql)
    static let route = Route.shared

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Gazetteer.Park {
        let id = try row.next(String.self)
        let region = try row.next(String.self)
        let location = try row.nextCoordinate()
        return Gazetteer.Park(id: id, region: region, location: location, names: try row.nextLabels())
    }
}

/// What follows from properties and nationalities.
struct ReferenceImplications: ManyRows {
    static let sql = SQL("reference_implications", PackageResources.reference_implications_sql)
    static let route = Route.shared

    struct Row: Sendable {
        let isCategory: Bool
        let key: String
        let codes: [String]
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        let kind = try row.next(String.self)
        let key = try row.next(String.self)
        return Row(isCategory: kind == "category", key: key, codes: try row.next(PostgresArray<String>.self).elements)
    }
}

extension RowReader {
    /// Two columns, languages and texts side by side.
    fileprivate mutating func nextLabels() throws(PostgresError) -> [String: String] {
        let languages = try next(PostgresArray<String>.self).elements
        let texts = try next(PostgresArray<String>.self).elements
        return Dictionary(zip(languages, texts)) { first, _ in first }
    }

    /// Two columns, latitude and longitude.
    fileprivate mutating func nextCoordinate() throws(PostgresError) -> Coordinate? {
        let latitude = try nextIfPresent(Double.self)
        let longitude = try nextIfPresent(Double.self)
        guard let latitude, let longitude else { return nil }
        return Coordinate(latitude: latitude, longitude: longitude, datum: .wgs84)
    }
}
