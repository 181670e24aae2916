import Catalog
import Postgres

/// The parks.
struct ListParks: LookupMethod {
    static let name = "parks.list"
    static let summary = "Lists the parks with what is known around each."
    static let keeps: Duration? = .seconds(3600)
    static let parameters: [Parameter] = [
        .optional("country", .text(maximumBytes: 32), "those of a partner country, ISO 3166-1 alpha-2")
    ]
    static let result: [Parameter] = [.required("items", .list(of: .object(GetPark.result)))]
    static let examples = [
        MethodExample(
            "the parks of Japanese partners",
            #"{"country":"JP"}"#,
            #"{"items":[{"id":"jx-jp","country":"JP"}]}"#
        )
    ]

    private let country: String?

    init(_ arguments: Arguments) { country = arguments.text("country") }

    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText {
        try await lookup.parks(country: country, language: context.language, until: context.deadline)
    }
}

/// One park.
struct GetPark: LookupMethod {
    static let name = "parks.get"
    static let summary = "Shows one park."
    static let keeps: Duration? = .seconds(3600)
    static let parameters: [Parameter] = [.required("park", .text(maximumBytes: 64), "a park's id")]
    static let result: [Parameter] = [
        .required("id", .string),
        .required("name", .shownName, "in the caller's language where known"),
        .required(
            "names",
            .map(of: .object([.required("text", .string), .required("origin", .string)])),
            "by language"
        ),
        .optional("country", .string, "the first partner country, ISO 3166-1 alpha-2"),
        .required("countries", .list(of: .string)),
        .required("county", .object([.required("code", .string), .optional("name", .string)])),
        .optional("zone", .string, "the development zone that it is part of"),
        .optional("level", .string),
        .optional("year", .integer(1900...2200), "since when it is a park"),
        .optional("location", .location),
        .required("counts", .map(of: .count), "amenities within reach, by root category"),
        .required("source", .string),
        .required("confidence", .string),
    ]
    static let examples = [MethodExample("one park", #"{"park":"jx-de"}"#, #"{"id":"jx-de","country":"DE"}"#)]

    private let park: String

    init(_ arguments: Arguments) { park = arguments.requiredText("park") }

    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText {
        try await lookup.park(park, language: context.language, until: context.deadline)
    }
}

/// Categories and attributes.
struct ListTerms: LookupMethod {
    static let name = "taxonomy.list"
    static let summary = "Lists categories and attributes with their labels."
    static let cost = 4
    static let weight = MethodCost.heaviest
    static let keeps: Duration? = .seconds(3600)
    static let parameters: [Parameter] = [
        .optional("kind", .text(maximumBytes: 32), "category or attribute"),
        .optional("parent", .text(maximumBytes: 64), "the children of this code alone"),
    ]
    static let result: [Parameter] = [
        .required(
            "items",
            .list(
                of: .object([
                    .required("code", .string),
                    .optional("parent", .string),
                    .required("kind", .choice(["category", "attribute"])),
                    .required("label", .string, "in the caller's language"),
                    .required("labels", .map(of: .string), "by language"),
                    .required("count", .count, "amenities that have it"),
                ])
            )
        )
    ]
    static let examples = [
        MethodExample(
            "the kinds of schools, in German",
            #"{"kind":"category","parent":"edu","_meta":{"lang":"de"}}"#,
            #"{"items":[{"kind":"category","parent":"edu"}]}"#
        )
    ]

    private let kind: String?
    private let parent: String?

    init(_ arguments: Arguments) {
        kind = arguments.text("kind")
        parent = arguments.text("parent")
    }

    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText {
        try await lookup.terms(kind: kind, parent: parent, language: context.language, until: context.deadline)
    }
}

/// One amenity.
struct GetAmenity: LookupMethod {
    static let name = "amenities.get"
    static let summary = "Shows the whole record of an amenity."
    static let keeps: Duration? = .seconds(5)
    static let parameters: [Parameter] = [.required("id", .text(maximumBytes: 128), "its id or slug")]
    static let result = AmenityShape.record
    static let errors = [ErrorCode.notFound]
    static let examples = [
        MethodExample(
            "a hospital by its slug",
            #"{"id":"pinghu-second-people-hospital"}"#,
            #"{"slug":"pinghu-second-people-hospital","category":"health.hospital","name_local":{"text":"平湖市第二人民医院","lang":"zh-Hans"}}"#
        )
    ]

    private let id: String

    init(_ arguments: Arguments) { id = arguments.requiredText("id") }

    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText {
        try await lookup.amenity(id, language: context.language, until: context.deadline)
    }
}
