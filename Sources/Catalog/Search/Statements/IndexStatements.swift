import FoundationEssentials
import Postgres

/// Takes amenities whose words are to be written.
struct StaleAmenities: ManyRows {
    static let sql = SQL("stale_amenities", PackageResources.stale_amenities_sql)
    let version: Int32
    let limit: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(version)
        parameters.append(Int32(clamping: limit))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> StaleAmenity {
        let id = try row.next(UUID.self)
        let chinese = try row.nextIfPresent(String.self)
        let english = try row.nextIfPresent(String.self)
        let phone = try row.nextIfPresent(String.self)
        let names = try row.next(PostgresArray<String>.self).elements
        let languages = try row.next(PostgresArray<String>.self).elements
        let kinds = try row.next(PostgresArray<String>.self).elements
        return StaleAmenity(
            id: id,
            addresses: [chinese, english].compactMap { $0 },
            phone: phone,
            names: names.indices.map { StaleAmenity.Name(text: names[$0], language: languages[$0], kind: kinds[$0]) }
        )
    }
}

struct WriteWords: Command {
    static let sql = SQL("write_words", PackageResources.write_words_sql)
    let version: Int32
    let amenities: [(id: UUID, words: SearchWords)]

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(amenities.map(\.id)))
        parameters.append(version)
        parameters.append(PostgresArray(amenities.map(\.words.keys)))
        parameters.append(
            PostgresArray(
                amenities.map { amenity in
                    let keys = amenity.words.sortKeys.sorted { $0.key < $1.key }
                    return JSONText.object(keys.map { ($0.key, .string($0.value)) }).text
                }
            )
        )
        parameters.append(PostgresArray(amenities.map(\.words.vector)))
    }
}

struct WriteSearchNames: Command {
    static let sql = SQL("write_search_names", PackageResources.write_search_names_sql)
    let amenities: [(id: UUID, words: SearchWords)]

    func bind(to parameters: inout Parameters) {
        let names = amenities.flatMap { amenity in amenity.words.completions.map { (id: amenity.id, name: $0) } }
        parameters.append(PostgresArray(amenities.map(\.id)))
        parameters.append(PostgresArray(names.map(\.name.key)))
        parameters.append(PostgresArray(names.map(\.id)))
        parameters.append(PostgresArray(names.map(\.name.name)))
        parameters.append(PostgresArray(names.map(\.name.language)))
    }
}

struct WriteSearchWords: Command {
    static let sql = SQL("write_search_words", PackageResources.write_search_words_sql)
    let words: [String]

    func bind(to parameters: inout Parameters) { parameters.append(PostgresArray(words)) }
}

/// The words of names that look most like others.
struct NearestWords: ManyRows {
    static let sql = SQL("nearest_words", PackageResources.nearest_words_sql)
    static let route = Route.shared
    let words: [String]

    func bind(to parameters: inout Parameters) { parameters.append(PostgresArray(words)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (word: String, candidate: String) {
        (word: try row.next(), candidate: try row.next())
    }
}
