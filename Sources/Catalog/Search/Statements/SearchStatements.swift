import FoundationEssentials
import Postgres

/// An amenity of a page, as the database tells it to any reader.
struct ListedAmenity: Sendable {
    let id: UUID
    /// The members of an item that no reader and no hour changes: an object.
    let facts: JSONText
    let names: KnownNames
    let category: String
    let region: String
    let location: Coordinate?
    /// The state of the contract's `verified` and what follows it, from behind the quotation mark that opens the state.
    let verified: String
    let schedule: Schedule?
    /// What it is sorted by, ascending, before its id.
    let sortKey: Double
    let sortName: String
    /// 3: the text is one of its names; 2: a name begins with it; 1: a name holds it.
    let closeness: Int

    /// Whether it comes first of two that are sorted by a number.
    func isBefore(_ other: ListedAmenity) -> Bool { (sortKey, id) < (other.sortKey, other.id) }
}

/// The names in use of an amenity, best first, as a listing keeps them.
struct KnownNames: Sendable {
    struct Name: Sendable {
        let text: String
        let language: String
        let origin: String
    }

    /// A line each: language, space, origin, space, name.
    let lines: String

    init(lines: String) { self.lines = lines }

    /// The name for a reader; `nil` where there is none.
    func shown(in language: Language) -> Name? { name(in: language.readingOrder) ?? line(beginningWith: "") }

    /// The name in Chinese, as on the sign outside.
    var local: Name? { name(in: ["zh-Hans", "zh-Hant"]) }

    private func name(in languages: [String]) -> Name? {
        for language in languages {
            if let name = line(beginningWith: language + " ") { return name }
        }
        return nil
    }

    private func line(beginningWith start: String) -> Name? {
        let bytes = lines.utf8.span
        var begin = 0
        while begin < bytes.count {
            var end = begin
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            if start.utf8.count <= end - begin, start.utf8.enumerated().allSatisfy({ bytes[begin + $0] == $1 }) {
                let indices =
                    lines.utf8.index(
                        lines.startIndex,
                        offsetBy: begin
                    )..<lines.utf8.index(
                        lines.startIndex,
                        offsetBy: end
                    )
                return Self.name(lines[indices].utf8)
            }
            begin = end + 1
        }
        return nil
    }

    private static func name(_ line: Substring.UTF8View) -> Name? {
        let space = UInt8(ascii: " ")
        guard let first = line.firstIndex(of: space) else { return nil }
        let behind = line[first...].dropFirst()
        guard let second = behind.firstIndex(of: space) else { return nil }
        return Name(
            text: String(Substring(behind[second...].dropFirst())),
            language: String(Substring(line[..<first])),
            origin: String(Substring(behind[..<second]))
        )
    }
}

extension RowReader {
    /// The columns of `catalog.shown` and what it is sorted by, where it is ranked also those of its rank; `nil` where the
    /// first is NULL.
    mutating func nextListing(isRanked: Bool = false) throws(PostgresError) -> ListedAmenity? {
        guard let id = try nextIfPresent(UUID.self) else { return nil }
        let facts = try next(JSONText.self)
        let names = KnownNames(lines: try next())
        let category = try next(String.self)
        let region = try next(String.self)
        let latitude = try nextIfPresent(Double.self)
        let longitude = try nextIfPresent(Double.self)
        var location: Coordinate?
        if let latitude, let longitude {
            location = Coordinate(latitude: latitude, longitude: longitude, datum: .wgs84)
        }
        return ListedAmenity(
            id: id,
            facts: facts,
            names: names,
            category: category,
            region: region,
            location: location,
            verified: try next(),
            schedule: try nextIfPresent(String.self).flatMap(Schedule.init),
            sortKey: try next(),
            sortName: isRanked ? try next() : "",
            closeness: isRanked ? Int(try next(Int32.self)) : 0
        )
    }
}

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

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ListedAmenity? { try row.nextListing() }
}

/// The amenities of one category with a known location nearest to a point.
struct NearestOfCategory: ManyRows {
    static let sql = SQL("nearest_of_category", PackageResources.nearest_of_category_sql)
    static let route = Route.shared
    let category: String
    let spot: Spot
    let rows: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(spot.x)
        parameters.append(spot.y)
        parameters.append(category)
        parameters.append(Int32(clamping: rows))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ListedAmenity? { try row.nextListing() }
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

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ListedAmenity? { try row.nextListing() }
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
        return Row(counts: counts, asOf: try row.next(), amenity: try row.nextListing(isRanked: true))
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
