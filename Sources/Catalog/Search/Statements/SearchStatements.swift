import FoundationEssentials
import Postgres

/// An amenity of a page, as the database tells it to a reader.
struct ListedAmenity: Sendable {
    let id: UUID
    let slug: String
    let name: (text: String, language: String, origin: String)?
    let localName: (text: String, language: String)?
    let category: String
    let region: String
    let location: Coordinate?
    let precision: String
    /// Arrays of strings.
    let languages: JSONText
    let attributes: JSONText
    let phone: String?
    /// The contract's `verified`.
    let verified: JSONText
    let schedule: Schedule?
    /// What it is sorted by, ascending, before its id.
    let sortKey: Double
    let sortName: String
    /// How far it is on the plane, its region where its own place is not known.
    let reach: Double?
    /// 3: the text is one of its names; 2: a name begins with it; 1: a name holds it.
    let closeness: Int
}

extension RowReader {
    /// The columns of `catalog.shown` and those of its place in the order; `nil` where the first is NULL.
    mutating func nextListing() throws(PostgresError) -> ListedAmenity? {
        guard let id = try nextIfPresent(UUID.self) else { return nil }
        let slug = try next(String.self)
        let name = try nextIfPresent(String.self)
        let nameLanguage = try nextIfPresent(String.self)
        let nameOrigin = try nextIfPresent(String.self)
        let localName = try nextIfPresent(String.self)
        let localLanguage = try nextIfPresent(String.self)
        let category = try next(String.self)
        let region = try next(String.self)
        let latitude = try nextIfPresent(Double.self)
        let longitude = try nextIfPresent(Double.self)
        var shownName: (text: String, language: String, origin: String)?
        if let name, let nameLanguage, let nameOrigin { shownName = (name, nameLanguage, nameOrigin) }
        var local: (text: String, language: String)?
        if let localName, let localLanguage { local = (localName, localLanguage) }
        var location: Coordinate?
        if let latitude, let longitude {
            location = Coordinate(latitude: latitude, longitude: longitude, datum: .wgs84)
        }
        return ListedAmenity(
            id: id,
            slug: slug,
            name: shownName,
            localName: local,
            category: category,
            region: region,
            location: location,
            precision: try next(),
            languages: JSONText(try next(String.self)),
            attributes: JSONText(try next(String.self)),
            phone: try nextIfPresent(),
            verified: JSONText(try next(String.self)),
            schedule: try nextIfPresent(String.self).flatMap(Schedule.init),
            sortKey: try next(),
            sortName: try next(),
            reach: try nextIfPresent(),
            closeness: Int(try next(Int32.self))
        )
    }
}

/// The amenities nearest to a point.
struct NearestAmenities: ManyRows {
    static let sql = SQL("nearest_amenities", PackageResources.nearest_amenities_sql)
    static let route = Route.shared
    let criteria: SearchCriteria
    let spot: Spot
    let rows: Int
    let cursor: Cursor?
    let language: Language

    func bind(to parameters: inout Parameters) {
        parameters.append(spot.x)
        parameters.append(spot.y)
        parameters.append(criteria.radiusMetres)
        parameters.append(criteria.categories.map { PostgresArray($0.map(\.code)) })
        parameters.append(PostgresArray(criteria.attributes))
        parameters.append(criteria.schedules.map { PostgresArray($0.map(\.text)) })
        parameters.append(criteria.confirmedWithinDays.map { Int32(clamping: $0) })
        parameters.append(Int32(clamping: rows))
        parameters.append(cursor?.key)
        parameters.append(cursor?.id)
        parameters.append(PostgresArray(criteria.origin.reaches.map(\.region)))
        parameters.append(PostgresArray(criteria.origin.reaches.map(\.metres)))
        parameters.append(PostgresArray(language.readingOrder))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ListedAmenity? { try row.nextListing() }
}

/// The amenities that answer words or wishes, best first, and what is counted of them.
struct RankedAmenities: ManyRows {
    static let sql = SQL("ranked_amenities", PackageResources.ranked_amenities_sql)
    static let route = Route.leasedRead
    let criteria: SearchCriteria
    let rows: Int
    let cursor: Cursor?
    let language: Language

    struct Row: Sendable {
        let counts: SearchCounts
        let asOf: Timestamp
        /// `nil` in the only row of an empty page.
        let amenity: ListedAmenity?
    }

    func bind(to parameters: inout Parameters) {
        let spot = criteria.origin.point.map(Spot.init)
        parameters.append(spot?.x)
        parameters.append(spot?.y)
        parameters.append(criteria.radiusMetres)
        parameters.append(criteria.categories.map { PostgresArray($0.map(\.code)) })
        parameters.append(PostgresArray((criteria.categories ?? []).map { Int32(clamping: $0.place) }))
        parameters.append(PostgresArray(criteria.attributes))
        parameters.append(PostgresArray(criteria.groups.map { $0.joined(separator: "|") }))
        parameters.append(Int32(clamping: criteria.neededGroups))
        parameters.append(PostgresArray(criteria.excluded))
        parameters.append(criteria.words)
        parameters.append(criteria.name)
        parameters.append(criteria.whole)
        parameters.append(PostgresArray(criteria.parts))
        parameters.append(Int32(clamping: criteria.neededParts))
        parameters.append(criteria.schedules.map { PostgresArray($0.map(\.text)) })
        parameters.append(criteria.confirmedWithinDays.map { Int32(clamping: $0) })
        parameters.append(PostgresArray(criteria.languageAttributes))
        parameters.append(PostgresArray(criteria.suitingTerms))
        parameters.append(criteria.sort.rawValue)
        parameters.append(PostgresArray(criteria.origin.reaches.map(\.region)))
        parameters.append(PostgresArray(criteria.origin.reaches.map(\.metres)))
        parameters.append(cursor?.asOf)
        parameters.append(Int32(clamping: rows))
        parameters.append(cursor?.key)
        parameters.append(cursor?.name)
        parameters.append(cursor?.id)
        parameters.append(PostgresArray(language.readingOrder))
        parameters.append(PostgresArray(criteria.counted))
        parameters.append(PostgresArray(criteria.closeness.map { Int32(clamping: $0) }))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        let counts = SearchCounts(
            total: try row.nextIfPresent(Int64.self).map(Int.init),
            categories: try row.nextIfPresent(String.self).map { JSONText($0) },
            attributes: try row.nextIfPresent(String.self).map { JSONText($0) },
            regions: try row.nextIfPresent(String.self).map { JSONText($0) }
        )
        return Row(counts: counts, asOf: try row.next(), amenity: try row.nextListing())
    }
}

/// How many amenities answer a search, all told and by what they are; `nil` where that was not asked for.
struct SearchCounts: Sendable {
    var total: Int?
    /// Objects of code and number.
    var categories: JSONText?
    var attributes: JSONText?
    var regions: JSONText?
}
