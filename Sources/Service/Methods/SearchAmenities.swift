import Catalog
import Postgres

/// Amenities near a park or a point.
struct SearchAmenities: RemoteMethod {
    static let name = "amenities.search"
    static let summary = "Finds amenities by park or point, words, category and attribute."
    static let parameters: [Parameter] = [
        .optional("park", .text(maximumBytes: 64)),
        .optional(
            "near",
            .object([
                .required("lat", .number(-90...90)),
                .required("lon", .number(-180...180)),
                .optional("datum", .choice(["wgs84", "gcj02", "bd09"])),
            ])
        ),
        .optional("radius_m", .number(AmenitySearch.radii)),
        .optional("q", .text(maximumBytes: 512)),
        .optional("categories", .array(of: .text(maximumBytes: 64), maximumCount: 50)),
        .optional("attributes", .array(of: .text(maximumBytes: 64), maximumCount: 50)),
        .optional("nationality", .text(maximumBytes: 32)),
        .optional("languages", .array(of: .text(maximumBytes: 35), maximumCount: 20)),
        .optional("open_at", .text(maximumBytes: 40)),
        .optional("verified_within_days", .integer(1...36_500)),
        .optional("sort", .choice(["relevance", "distance", "name", "freshness"])),
        .optional("facets", .array(of: .text(maximumBytes: 64), maximumCount: 20)),
        .optional("limit", .integer(AmenitySearch.limits)),
        .optional("cursor", .text(maximumBytes: 1024)),
        .optional("count", .any),
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
