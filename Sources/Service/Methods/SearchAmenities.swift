import Catalog
import Postgres

/// Amenities near a park or a point.
struct SearchAmenities: RemoteMethod {
    static let name = "amenities.search"
    static let summary = "Finds amenities by park or point, words, category and attribute."
    static let parameters: [Parameter] = [
        .optional("park", .text(maximumBytes: 64), "a park's id; this or near is needed"),
        .optional(
            "near",
            .object([
                .required("lat", .number(-90...90)),
                .required("lon", .number(-180...180)),
                .optional("datum", .choice(["wgs84", "gcj02", "bd09"]), "wgs84 unless said"),
            ]),
            "a point to measure from, instead of the park's"
        ),
        .optional("radius_m", .number(AmenitySearch.radii), "50 km unless said"),
        .optional("q", .text(maximumBytes: 512), "words in any language of the service"),
        .optional(
            "categories",
            .array(of: .text(maximumBytes: 64), maximumCount: 50),
            "codes of taxonomy.list, their children included; one of them has to fit"
        ),
        .optional(
            "attributes",
            .array(of: .text(maximumBytes: 64), maximumCount: 50),
            "codes of taxonomy.list; all of them have to fit"
        ),
        .optional("nationality", .text(maximumBytes: 32), "who looks, ISO 3166-1 alpha-2: for the match alone"),
        .optional(
            "languages",
            .array(of: .text(maximumBytes: 35), maximumCount: 20),
            "languages that whoever looks understands, BCP 47: for the match alone"
        ),
        .optional("open_at", .text(maximumBytes: 40), "now or a time: places known to be open then"),
        .optional("verified_within_days", .integer(1...36_500), "not served yet"),
        .optional("sort", .choice(["relevance", "distance", "name", "freshness"]), "not served yet"),
        .optional("facets", .array(of: .text(maximumBytes: 64), maximumCount: 20), "not served yet"),
        .optional("limit", .integer(AmenitySearch.limits), "of the page; 20 unless said"),
        .optional("cursor", .cursor),
        .optional("count", .any, "not served yet"),
    ]
    static let result: [Parameter] = [
        .required("items", .list(of: .object(AmenityShape.item)), "nearest first"),
        .required("understood", .object(AmenityShape.understood), "what was made of q"),
    ]
    static let examples = [
        MethodExample(
            "a hospital near a park, in Japanese",
            #"{"park":"jx-jp","q":"病院","limit":1,"_meta":{"lang":"ja"}}"#,
            #"{"items":[{"category":"health.hospital","category_label":"病院","park":"jx-jp"}],"understood":{"categories":["health.hospital"]}}"#
        )
    ]

    /// In their place already, so that positions stay what they are, and refused rather than ignored: a search that
    /// silently drops a condition misleads.
    private static let coming = ["verified_within_days", "sort", "facets", "count"]

    private let search: AmenitySearch

    init(_ arguments: Arguments) throws(CallError) {
        for name in Self.coming where arguments[name] != nil {
            var error = CallError.invalid("/params/" + name, expected: "nothing yet")
            error.message = "the parameter “\(name)” is not supported by this version"
            throw error
        }
        let near = try arguments.object("near")
        let openAt = arguments.text("open_at")
        let openTime = openAt.flatMap(AmenitySearch.OpenTime.init(parsing:))
        guard openAt == nil || openTime != nil else {
            throw .invalid("/params/open_at", expected: WallTime.expectation)
        }
        search = AmenitySearch(
            park: arguments.text("park"),
            near: near.flatMap { point in
                guard let latitude = point.number("lat"), let longitude = point.number("lon") else { return nil }
                return Coordinate(
                    latitude: latitude,
                    longitude: longitude,
                    datum: point.text("datum").flatMap(Datum.init)
                )
            },
            radiusMetres: arguments.number("radius_m"),
            q: arguments.text("q"),
            categories: arguments.texts("categories"),
            attributes: arguments.texts("attributes"),
            nationality: arguments.text("nationality"),
            languages: arguments.texts("languages"),
            openAt: openTime,
            limit: arguments.integer("limit") ?? 20,
            cursor: arguments.text("cursor")
        )
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        var search = search
        search.cursor = try await context.open(search.cursor)
        do {
            let page = try await context.backend.lookup.search(
                search,
                language: context.language,
                until: context.deadline
            )
            var answer = Answer(page.json)
            answer.next = page.next
            return answer
        } catch {
            throw CallError(error)
        }
    }
}
