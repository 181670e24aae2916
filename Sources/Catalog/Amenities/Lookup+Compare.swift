import FoundationEssentials
package import Postgres

extension Lookup {
    /// How many amenities are set side by side.
    package static let comparisonSizes = 2...4

    /// Amenities side by side: each as an item of a search, and fact by fact with whether they differ.
    ///
    /// - Parameter search: its park, its point and who looks count.
    package func comparison(
        of references: [String],
        for search: AmenitySearch,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> JSONText {
        guard Self.comparisonSizes.contains(references.count), Set(references).count == references.count else {
            throw .invalid(member: "ids", expected: "two to four different amenities")
        }
        let reference = try await reference(until: deadline)
        try search.check(reference)
        let found = try await run(ListedAmenities(references: references), until: deadline)
        let rows = try references.map { wanted throws(CatalogError) in
            let row = found.first { $0.slug == wanted || $0.listing.id == UUID(uuidString: wanted) }
            guard let row else { throw .notFound(what: "amenity", id: wanted) }
            return row
        }
        let listings = rows.map(\.listing)
        let facts = try await facts(of: listings, for: search, clock: nil, language: language, until: deadline)
        let origin = reference.gazetteer.origin(park: search.park, region: nil, near: search.near)
        var items = ItemWriter(search, origin, reference, facts, language, room: listings.count)
        for listing in listings { items.append(listing) }
        let comparison = Comparison(rows, origin, reference, facts, language)
        return .object(
            ("items", items.array()),
            ("rows", .array(comparison.json))
        )
    }
}

/// Facts of several amenities, one fact a row.
struct Comparison {
    struct Row {
        let field: String
        let label: String
        /// One an amenity; `nil` where nothing is known.
        let values: [String?]
    }

    let rows: [Row]

    init(
        _ amenities: [ListedAmenities.Row],
        _ origin: Gazetteer.Origin,
        _ reference: Reference,
        _ facts: Lookup.PageFacts,
        _ language: Language
    ) {
        func row(_ field: String, _ value: (ListedAmenities.Row) -> String?) -> Row {
            Row(field: field, label: Self.label(field, in: language), values: amenities.map(value))
        }
        var rows = [
            row("category") { reference.label($0.listing.category, in: language) },
            row("area") { reference.gazetteer.regionName($0.listing.region, in: language) },
            row("distance_m") { amenity in
                guard let here = origin.point, let there = amenity.listing.location else { return nil }
                return "\(Int(here.metres(to: there).rounded()))"
            },
            row("phone") { $0.phone },
            row("open") { amenity in
                facts.clock.flatMap { clock in amenity.listing.schedule?.state(at: clock) }.map(\.kind.rawValue)
            },
        ]
        let codes = Set(amenities.flatMap(\.attributes)).sorted()
        for code in codes {
            let values = amenities.map { $0.attributes.contains(code) ? "yes" : nil }
            rows.append(Row(field: code, label: reference.label(code, in: language) ?? code, values: values))
        }
        self.rows = rows.filter { $0.values.contains { $0 != nil } }
    }

    var json: [JSONText] {
        rows.map { row in
            .object(
                ("field", .string(row.field)),
                ("label", .string(row.label)),
                ("values", .array(row.values.map { value in value.map { .string($0) } ?? JSONText("null") })),
                ("differs", .boolean(Set(row.values).count > 1))
            )
        }
    }

    private static func label(_ field: String, in language: Language) -> String {
        labels[field]?[language.code] ?? labels[field]?[Language.english.code] ?? field
    }

    /// Our own words.
    private static let labels: [String: [String: String]] = [
        "category": [
            "en": "Kind of place", "zh-Hans": "类别", "zh-Hant": "類別", "ja": "種類", "de": "Art", "nl": "Soort",
            "fr": "Type", "ko": "종류",
        ],
        "area": [
            "en": "Area", "zh-Hans": "地区", "zh-Hant": "地區", "ja": "地域", "de": "Gegend", "nl": "Gebied",
            "fr": "Secteur", "ko": "지역",
        ],
        "distance_m": [
            "en": "Distance in metres", "zh-Hans": "距离（米）", "zh-Hant": "距離（米）", "ja": "距離（メートル）",
            "de": "Entfernung in Metern", "nl": "Afstand in meters", "fr": "Distance en mètres", "ko": "거리(미터)",
        ],
        "phone": [
            "en": "Telephone", "zh-Hans": "电话", "zh-Hant": "電話", "ja": "電話", "de": "Telefon", "nl": "Telefoon",
            "fr": "Téléphone", "ko": "전화",
        ],
        "open": [
            "en": "Open now", "zh-Hans": "现在营业", "zh-Hant": "現在營業", "ja": "営業中", "de": "Jetzt geöffnet",
            "nl": "Nu open", "fr": "Ouvert maintenant", "ko": "지금 영업",
        ],
    ]
}
