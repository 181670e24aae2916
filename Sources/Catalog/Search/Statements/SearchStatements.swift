import FoundationEssentials
import Postgres

/// The amenities with a known location nearest to a point.
struct NearestAmenities: ManyRows {
    static let sql = SQL("nearest_amenities", PackageResources.nearest_amenities_sql)
    static let route = Route.shared
    let criteria: SearchCriteria
    let spot: Spot
    let rows: Int
    let cursor: Cursor?

    func bind(to parameters: inout Parameters) {
        parameters.append(spot.x)
        parameters.append(spot.y)
        parameters.append(browsing: criteria, rows: rows, after: cursor)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ListedAmenity? {
        try row.nextListedAmenity()
    }
}

/// Which amenities of one category with a known location are nearest to a point.
struct NearestOfCategory: ManyRows {
    static let sql = SQL("nearest_of_category", PackageResources.nearest_of_category_sql)
    static let route = Route.shared
    let category: String
    let spot: Spot
    let radiusMetres: Double
    let rows: Int

    struct Row: Sendable {
        let id: UUID
        /// Of its listing.
        let version: Int64
        /// Its distance on the plane, in metres.
        let sortKey: Double
        /// Whether there are others of the category, of which only the region is known.
        let hasOthers: Bool
    }

    func bind(to parameters: inout Parameters) {
        parameters.append(spot.x)
        parameters.append(spot.y)
        parameters.append(category)
        parameters.append(radiusMetres)
        parameters.append(Int32(clamping: rows))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        Row(id: try row.next(), version: try row.next(), sortKey: try row.next(), hasOthers: try row.next())
    }
}

/// The listings of amenities with their versions.
struct VersionedListings: ManyRows {
    static let sql = SQL("versioned_listings", PackageResources.versioned_listings_sql)
    static let route = Route.shared
    let ids: [UUID]

    struct Row: Sendable {
        let listing: Listing
        let version: Int64
        /// When the state of its freshness becomes another.
        let until: Timestamp
    }

    func bind(to parameters: inout Parameters) { parameters.append(PostgresArray(ids)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        guard let listing = try row.nextListing() else { preconditionFailure("a listing has an amenity") }
        return Row(listing: listing, version: try row.next(), until: try row.next())
    }
}

/// The amenities without a known location by how far their regions are.
struct RegionalAmenities: ManyRows {
    static let sql = SQL("regional_amenities", PackageResources.regional_amenities_sql)
    static let route = Route.shared
    let criteria: SearchCriteria
    let rows: Int
    let cursor: Cursor?

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(criteria.origin.reaches.map(\.region)))
        parameters.append(PostgresArray(criteria.origin.reaches.map(\.metres)))
        parameters.append(browsing: criteria, rows: rows, after: cursor)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ListedAmenity? {
        try row.nextListedAmenity()
    }
}

extension Parameters {
    /// $3 to $10 of the two statements that people browse with.
    fileprivate mutating func append(browsing criteria: SearchCriteria, rows: Int, after cursor: Cursor?) {
        append(criteria.radiusMetres)
        append(criteria.categories.map { PostgresArray($0.map(\.code)) })
        append(PostgresArray(criteria.attributes))
        append(criteria.schedules.map { PostgresArray($0.map(\.text)) })
        append(criteria.confirmedWithinDays.map { Int32(clamping: $0) })
        append(Int32(clamping: rows))
        append(cursor?.key)
        append(cursor?.id)
    }
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
        parameters.append((criteria.isByDistance ? .distance : criteria.sort).rawValue)
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
        return Row(counts: counts, asOf: try row.next(), amenity: try row.nextListedAmenity(isRanked: true))
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
