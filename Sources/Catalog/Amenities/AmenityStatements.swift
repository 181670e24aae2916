import FoundationEssentials
import Postgres

/// Amenities by what is typed of their names.
struct SuggestNames: ManyRows {
    static let sql = SQL("suggest_names", PackageResources.suggest_names_sql)
    static let route = Route.shared
    let prefix: String
    /// A tsquery; `nil` where only beginnings of names count.
    let word: String?
    let spot: Spot?
    let limit: Int

    struct Row: Sendable {
        let id: UUID
        let slug: String
        let category: String
        let region: String
        /// The name that begins as typed, its language, and who chose it.
        let found: (text: String, language: String, origin: String)?
        /// Where none does.
        let names: KnownNames?
    }

    func bind(to parameters: inout Parameters) {
        parameters.append(prefix)
        // Behind every text that begins so.
        parameters.append(prefix + "\u{10FFFF}")
        parameters.append(word)
        parameters.append(spot?.x)
        parameters.append(spot?.y)
        parameters.append(Int32(clamping: limit))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        let id = try row.next(UUID.self)
        let slug = try row.next(String.self)
        let category = try row.next(String.self)
        let region = try row.next(String.self)
        let text = try row.nextIfPresent(String.self)
        let language = try row.nextIfPresent(String.self)
        let origin = try row.nextIfPresent(String.self)
        let names = try row.nextIfPresent(TextBytes.self).map(KnownNames.init)
        var found: (text: String, language: String, origin: String)?
        if let text, let language, let origin { found = (text, language, origin) }
        return Row(id: id, slug: slug, category: category, region: region, found: found, names: names)
    }
}

/// Amenities as they are listed, by id or slug.
struct ListedAmenities: ManyRows {
    static let sql = SQL("listed_amenities", PackageResources.listed_amenities_sql)
    static let route = Route.shared
    let references: [String]

    /// With what stands out in its facts.
    struct Row: Sendable {
        let listing: Listing
        let slug: String
        let phone: String?
        let attributes: [String]
    }

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(references.compactMap { UUID(uuidString: $0) }))
        parameters.append(PostgresArray(references))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        guard let listing = try row.nextListing() else { preconditionFailure("a listing has an amenity") }
        return Row(
            listing: listing,
            slug: try row.next(),
            phone: try row.nextIfPresent(),
            attributes: try row.next(PostgresArray<String>.self).elements
        )
    }
}

/// Where an amenity is, in words.
struct AmenityAddress: OptionalRow {
    static let sql = SQL("amenity_address", PackageResources.amenity_address_sql)
    static let route = Route.shared
    let id: UUID

    struct Row: Sendable {
        let chinese: String?
        let english: String?
        let website: String?
    }

    func bind(to parameters: inout Parameters) { parameters.append(id) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        Row(chinese: try row.nextIfPresent(), english: try row.nextIfPresent(), website: try row.nextIfPresent())
    }
}

/// What has changed.
struct ListChanges: ManyRows {
    static let sql = SQL("list_changes", PackageResources.list_changes_sql)
    static let route = Route.shared
    let since: ChangePoint
    let notBefore: Timestamp?
    let limit: Int

    struct Row: Sendable {
        let id: UUID
        let slug: String
        let kind: String
        let point: ChangePoint
        /// A JSON string.
        let at: JSONText
    }

    func bind(to parameters: inout Parameters) {
        parameters.append("\(since.transaction)")
        parameters.append(since.amenity)
        parameters.append(notBefore)
        parameters.append(Int32(clamping: limit))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        let id = try row.next(UUID.self)
        let slug = try row.next(String.self)
        let kind = try row.next(String.self)
        let transaction = try row.next(String.self)
        return Row(
            id: id,
            slug: slug,
            kind: kind,
            point: ChangePoint(transaction: UInt64(transaction) ?? 0, amenity: id),
            at: JSONText(try row.next(String.self))
        )
    }
}

/// A place in the order of changes: everything up to it is known.
package struct ChangePoint: Sendable, Hashable {
    let transaction: UInt64
    let amenity: UUID

    static let start = ChangePoint(
        transaction: 0,
        amenity: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    )

    init(transaction: UInt64, amenity: UUID) {
        self.transaction = transaction
        self.amenity = amenity
    }

    /// Reads the form in which callers keep it; `nil` when it is not one.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, !text.contains("+"), let transaction = UInt64(parts[0]),
            let amenity = UUID(uuidString: String(parts[1]))
        else { return nil }
        self.init(transaction: transaction, amenity: amenity)
    }

    package var text: String { "\(transaction).\(amenity.uuidString.lowercased())" }
}
