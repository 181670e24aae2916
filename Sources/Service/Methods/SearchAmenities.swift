import Catalog
import Postgres

/// Amenities near a park or a point.
struct SearchAmenities: RemoteMethod {
    static let name = "amenities.search"
    static let summary = "Finds amenities by park or point, words, category and attribute."
    static let keeps: Duration? = .seconds(5)
    static let cost = 2
    static let surcharges = ["facets": 2]
    static let parameters = asked + AmenityShape.viewer + narrowed + AmenityShape.household
    private static let asked: [Parameter] = [
        .optional(
            "park",
            .text(maximumBytes: 64),
            "a park's id; without it and near, all of the catalogue by words or kind"
        ),
        .optional(
            "near",
            .object([
                .required("lat", .latitude),
                .required("lon", .longitude),
                .optional("datum", .choice(Datum.allCases.map(\.rawValue)), "wgs84 unless said"),
            ]),
            "a point to measure from, instead of the park's"
        ),
        .optional(
            "radius_m",
            .number(AmenitySearch.radii),
            "50 km unless said; with words the nearest, however far"
        ),
        .optional("q", .text(maximumBytes: 2048), "words in any language of the service"),
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
    ]
    private static let narrowed: [Parameter] = [
        .optional("open_at", .text(maximumBytes: 40), "now or a time: places known to be open then"),
        .optional("verified_within_days", .integer(1...36_500), "places that somebody has confirmed since"),
        .optional("sort", .choice(AmenitySearch.Sort.allCases.map(\.rawValue)), "relevance unless said"),
        .optional(
            "facets",
            .array(of: .choice(AmenitySearch.Facet.allCases.map(\.rawValue)), maximumCount: 3),
            "what is counted of all that was found"
        ),
        .optional("limit", .integer(AmenitySearch.limits), "of the page; 20 unless said"),
        .optional("cursor", .cursor),
        .optional("count", .boolean, "whether _meta.total says how many there are"),
    ]
    static let result: [Parameter] = [
        .required("items", .list(of: .object(AmenityShape.item)), "nearest first"),
        .required("understood", .object(AmenityShape.understood), "what was made of q"),
        .required("rung", .choice(Rung.allCases.map(\.rawValue)), "how widely it was looked for"),
        .required("lang", .string, "of the labels: the caller's, or en where that is none of the eight"),
        .optional("facets", .map(of: .map(of: .count)), "by facet, the number by code"),
        .optional("suggestions", .list(of: .object(AmenityShape.suggestion)), "where nothing was found"),
    ]
    static let examples = [
        MethodExample(
            "a hospital near a park, in Japanese",
            #"{"park":"jx-jp","q":"病院","limit":1,"_meta":{"lang":"ja"}}"#,
            #"{"items":[{"category":"health.hospital","category_label":"病院","park":"jx-jp"}],"understood":{"categories":["health.hospital"]}}"#
        )
    ]

    private let search: AmenitySearch

    init(_ arguments: Arguments) throws(CallError) {
        let near = try Self.point(arguments)
        let openAt = arguments.text("open_at")
        let openTime = openAt.flatMap(AmenitySearch.OpenTime.init(parsing:))
        guard openAt == nil || openTime != nil else {
            throw .invalid("/params/open_at", expected: WallTime.expectation)
        }
        search = AmenitySearch(
            park: arguments.text("park"),
            near: near,
            radiusMetres: arguments.number("radius_m"),
            q: arguments.text("q"),
            categories: arguments.texts("categories"),
            attributes: arguments.texts("attributes"),
            nationality: arguments.text("nationality"),
            languages: arguments.texts("languages"),
            household: AmenitySearch.Household(arguments),
            openAt: openTime,
            verifiedWithinDays: arguments.integer("verified_within_days"),
            sort: arguments.text("sort").flatMap(AmenitySearch.Sort.init) ?? .relevance,
            facets: arguments.texts("facets").compactMap(AmenitySearch.Facet.init),
            count: arguments["count"].map { arguments.document.kind($0) == .true } ?? false,
            limit: arguments.integer("limit") ?? 20,
            cursor: arguments.text("cursor")
        )
    }

    /// The point of `near`; where its latitude can only be a longitude, the refusal says so.
    private static func point(_ arguments: Arguments) throws(CallError) -> Coordinate? {
        do throws(CallError) {
            guard let near = try arguments.object("near"), let latitude = near.number("lat"),
                let longitude = near.number("lon")
            else { return nil }
            return Coordinate(latitude: latitude, longitude: longitude, datum: near.text("datum").flatMap(Datum.init))
        } catch {
            var error = error
            if error.path == "/params/near/lat",
                let near = arguments["near"], let member = arguments.document.member(Array("lat".utf8), of: near),
                arguments.document.kind(member) == .number, let latitude = arguments.document.double(member),
                abs(latitude) <= 180
            {
                error.hint = "are lat and lon swapped?"
            }
            throw error
        }
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
            answer.total = page.total
            return answer
        } catch {
            throw CallError(error)
        }
    }
}
