/// One file of the seed: its columns, its rules and the statement that writes its rows.
struct SeedTable: Sendable {
    /// The file's name without `.csv`, which is also what its rows are called.
    let name: String
    let columns: [SeedColumn]
    /// The columns that together say which row this is.
    let key: [String]
    /// What no single column can tell.
    var rule: @Sendable (SeedRow) -> (column: String, reason: String)? = { _ in nil }
    /// Cells that follow from the others, for the statements.
    var derived: @Sendable (SeedRow) -> [String: String] = { _ in [:] }
    let steps: [SeedStep]

    var file: String { name + ".csv" }
}

/// One statement that writes rows of a seed file.
struct SeedStep: Sendable {
    /// What it writes, in the plural.
    let noun: String
    let statement: any SeedStatement
    /// How many rows it makes of one row of the file.
    var rows: @Sendable (SeedRow) -> Int = { _ in 1 }
}

/// One row of a seed file, by column. Empty cells are absent.
struct SeedRow: Sendable {
    let line: Int
    let cells: [String: String]

    subscript(column: String) -> String? { cells[column] }

    /// The row with further cells.
    func adding(_ more: [String: String]) -> SeedRow {
        SeedRow(line: line, cells: cells.merging(more) { own, _ in own })
    }
}

extension SeedTable {
    /// Every file, each after those that it refers to.
    static let all =
        [
            sources, calendarDays, regions, terms, synonyms, impliedCategories, parks, queryWords, amenities,
            amenityNames,
            openingHours, languageOffers,
            accreditations, nationalityTerms, residents,
        ] + parts

    private static let sources = SeedTable(
        name: "sources",
        columns: [
            .required("id", .slug), .required("title"), .optional("provider"), .optional("url", .address),
            .required("licence"), .optional("retrieved", .date), .optional("note"),
        ],
        key: ["id"],
        steps: [SeedStep(noun: "sources", statement: SeedSources())]
    )

    private static let regions = SeedTable(
        name: "regions",
        columns: [
            .required("adcode", .integer(100_000...999_999)), .optional("parent", .key(of: "regions")),
            .required("level", .oneOf(["province", "prefecture", "county"])), .required("name_zh"),
            .required("name_en"), .optional("seat_lat", .latitude), .optional("seat_lon", .longitude),
            .required("source", .key(of: "sources")),
        ],
        key: ["adcode"],
        rule: { row in
            (row["seat_lat"] == nil) == (row["seat_lon"] == nil)
                ? nil : ("seat_lat", "a latitude and a longitude come together or not at all")
        },
        steps: [SeedStep(noun: "regions", statement: SeedRegions())]
    )

    private static let terms = SeedTable(
        name: "terms",
        columns: [
            .required("code"), .optional("parent", .key(of: "terms")),
            .required("kind", .oneOf(["category", "attribute"])), .required("en"), .required("zh-Hans"),
            .required("zh-Hant"), .required("ja"), .required("de"), .required("nl"), .required("fr"),
            .required("ko"), .optional("osm_tag"), .optional("schema_org"),
        ],
        key: ["code"],
        rule: { row in
            // The root category is read off the code, so a term and its parent must agree on it.
            guard let code = row["code"], let parent = row["parent"], root(of: code) != root(of: parent) else {
                return nil
            }
            return ("code", "does not begin with \(root(of: parent)), as its parent \(parent) does")
        },
        steps: [SeedStep(noun: "terms", statement: SeedTerms())]
    )

    private static let synonyms = SeedTable(
        name: "synonyms",
        columns: [.required("code", .key(of: "terms")), .required("lang", .language), .required("synonym")],
        key: ["code", "lang", "synonym"],
        steps: [SeedStep(noun: "synonyms", statement: SeedSynonyms())]
    )

    private static let parks = SeedTable(
        name: "parks",
        columns: [
            .required("id", .slug), .required("name_zh"), .required("name_en"), .required("name_en_origin", .origin),
            .optional("name_partner"), .optional("partner_lang", .language), .optional("partner_country", .countries),
            .required("region", .key(of: "regions")), .optional("zone_zh"), .optional("level"),
            .optional("year", .integer(1900...2100)), .optional("lat", .latitude), .optional("lon", .longitude),
            .optional("datum"), .required("precision", .oneOf(["point", "seat", "unknown"])),
            .optional("industries_zh"), .required("source", .key(of: "sources")), .optional("as_of", .date),
            .required("confidence", .confidence),
        ],
        key: ["id"],
        rule: { row in
            guard (row["name_partner"] == nil) == (row["partner_lang"] == nil) else {
                return ("partner_lang", "a partner's name and its language come together or not at all")
            }
            if let lang = row["partner_lang"], ["en", "zh-Hans"].contains(lang) {
                return ("partner_lang", "the names in \(lang) have a column of their own")
            }
            return position(of: row)
        },
        derived: { wgs84(of: $0) },
        steps: [
            SeedStep(noun: "parks", statement: SeedParks()),
            // A Chinese and an English name, and the partner's where there is one.
            SeedStep(noun: "park names", statement: SeedParkNames(), rows: { $0["name_partner"] == nil ? 2 : 3 }),
        ]
    )

    private static let amenities = SeedTable(
        name: "amenities",
        columns: [
            .required("slug", .slug), .required("category", .key(of: "terms")),
            .required("region", .key(of: "regions")),
            // For people who read the file. Which parks an amenity belongs to follows from where it lies.
            .optional("park", .key(of: "parks")),
            .optional("address_zh"), .optional("address_en"), .optional("postcode"), .optional("phone", .phone),
            .optional("website", .address), .optional("lat", .latitude), .optional("lon", .longitude),
            .optional("datum"), .required("precision", .oneOf(["point", "inferred", "unknown"])),
            .required("status", .oneOf(["active", "planned", "closed", "unknown"])),
            .optional("attributes", .keys(of: "terms")), .optional("admits"), .optional("notes"),
            .required("source", .key(of: "sources")), .optional("as_of", .date), .required("confidence", .confidence),
        ],
        key: ["slug"],
        rule: { position(of: $0) },
        derived: { wgs84(of: $0) },
        steps: [SeedStep(noun: "amenities", statement: SeedAmenities())]
    )

    private static func root(of code: String) -> Substring { code.prefix { $0 != "." } }

    /// The rule of places: all of a position or nothing of it.
    private static func position(of row: SeedRow) -> (column: String, reason: String)? {
        guard (row["lat"] == nil) == (row["lon"] == nil) else {
            return ("lat", "a latitude and a longitude come together or not at all")
        }
        guard row["lat"] != nil else {
            if row["datum"] != nil { return ("datum", "a datum without a position") }
            return row["precision"] == "unknown" ? nil : ("precision", "without a position only unknown is possible")
        }
        if row["precision"] == "unknown" { return ("precision", "there is a position, so its precision is known") }
        guard let datum = row["datum"] else { return ("datum", "a position needs its datum") }
        guard Datum(rawValue: datum) != nil else {
            let known = Datum.allCases.map(\.rawValue).joined(separator: ", ")
            return ("datum", "\"\(datum)\" is none of \(known)")
        }
        return nil
    }

    /// A place's position in WGS-84, as the database keeps it beside the source's own values.
    private static func wgs84(of row: SeedRow) -> [String: String] {
        guard let latitude = row["lat"].flatMap(Double.init), let longitude = row["lon"].flatMap(Double.init),
            let datum = row["datum"].flatMap(Datum.init)
        else { return [:] }
        let place = Coordinate(latitude: latitude, longitude: longitude, datum: datum).converted(to: .wgs84)
        return ["wgs84_lat": "\(place.latitude)", "wgs84_lon": "\(place.longitude)"]
    }
}
