import Catalog
import Postgres

/// Completions as somebody types.
struct SuggestAmenities: LookupMethod {
    static let name = "amenities.suggest"
    static let summary = "Completes what is being typed, in any script: kinds of place, regions, parks, names."
    static let keeps: Duration? = .seconds(3600)
    static let parameters: [Parameter] = [
        .required("prefix", .text(maximumBytes: 256), "what is typed so far"),
        .optional("park", .text(maximumBytes: 64), "whose surroundings come first"),
        .optional("limit", .integer(Lookup.suggestionLimits), "10 unless said"),
    ]
    static let result: [Parameter] = [.required("items", .list(of: .object(AmenityShape.completion)), "best first")]
    static let examples = [
        MethodExample(
            "the beginning of a German word, told in Japanese",
            #"{"prefix":"Zahnarz","limit":1,"_meta":{"lang":"ja"}}"#,
            #"{"items":[{"kind":"category","code":"health.dentist","text":"歯科医院","lang":"ja"}]}"#
        )
    ]

    private let prefix: String
    private let park: String?
    private let limit: Int

    init(_ arguments: Arguments) {
        prefix = arguments.requiredText("prefix")
        park = arguments.text("park")
        limit = arguments.integer("limit") ?? 10
    }

    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText {
        try await lookup.suggestions(
            for: prefix,
            park: park,
            limit: limit,
            language: context.language,
            until: context.deadline
        )
    }
}

/// Amenities side by side.
struct CompareAmenities: LookupMethod {
    static let name = "amenities.compare"
    static let summary = "Sets two to four amenities side by side, fact by fact."
    static let keeps: Duration? = .seconds(5)
    static let parameters: [Parameter] =
        [
            .required(
                "ids",
                .array(of: .text(maximumBytes: 128), maximumCount: Lookup.comparisonSizes.upperBound),
                "two to four ids or slugs"
            ),
            .optional("park", .text(maximumBytes: 64), "to measure from"),
        ] + AmenityShape.viewer + AmenityShape.household
    static let result: [Parameter] = [
        .required("items", .list(of: .object(AmenityShape.item)), "in the order asked"),
        .required("rows", .list(of: .object(AmenityShape.comparedFact)), "fact by fact"),
    ]
    static let errors = [ErrorCode.notFound]
    static let examples = [
        MethodExample(
            "two hospitals, in German",
            #"{"ids":["pinghu-first-people-hospital","pinghu-second-people-hospital"],"park":"jx-jp","_meta":{"lang":"de"}}"#,
            #"{"items":[{"slug":"pinghu-first-people-hospital"},{"slug":"pinghu-second-people-hospital"}],"rows":[{"field":"category","label":"Art","values":["Krankenhaus","Krankenhaus"],"differs":false}]}"#
        )
    ]

    private let ids: [String]
    private let search: AmenitySearch

    init(_ arguments: Arguments) {
        ids = arguments.texts("ids")
        search = AmenitySearch(
            park: arguments.text("park"),
            nationality: arguments.text("nationality"),
            languages: arguments.texts("languages"),
            household: AmenitySearch.Household(arguments)
        )
    }

    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText {
        try await lookup.comparison(of: ids, for: search, language: context.language, until: context.deadline)
    }
}

/// An amenity on a card, to show a driver or to keep.
struct ShowCard: LookupMethod {
    static let name = "amenities.card"
    static let summary = "Shows what to hold up to a driver in Chinese, or a contact to keep."
    static let keeps: Duration? = .seconds(3600)
    static let parameters: [Parameter] = [
        .required("id", .text(maximumBytes: 128), "its id or slug"),
        .optional("kind", .choice(Lookup.CardKind.allCases.map(\.rawValue)), "taxi unless said"),
    ]
    static let result = AmenityShape.card
    static let errors = [ErrorCode.notFound]
    static let examples = [
        MethodExample(
            "what to show a driver",
            #"{"id":"pinghu-second-people-hospital","_meta":{"lang":"fr"}}"#,
            #"{"kind":"taxi","name_local":{"text":"平湖市第二人民医院","lang":"zh-Hans"},"hint":"À montrer au chauffeur."}"#
        )
    ]

    private let id: String
    private let kind: Lookup.CardKind

    init(_ arguments: Arguments) {
        id = arguments.requiredText("id")
        kind = arguments.text("kind").flatMap(Lookup.CardKind.init) ?? .taxi
    }

    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText {
        try await lookup.card(of: id, kind: kind, language: context.language, until: context.deadline)
    }
}

/// What has changed, for those who keep a copy.
struct ListChanges: LookupMethod {
    static let name = "amenities.changes"
    static let summary = "Lists the amenities that changed or went, in order."
    static let parameters: [Parameter] = [
        .optional(
            "since",
            .text(maximumBytes: 128),
            "the until of an earlier answer, or a time; everything unless said"
        ),
        .optional("limit", .integer(Lookup.changeLimits), "100 unless said"),
    ]
    static let result: [Parameter] = [
        .required("items", .list(of: .object(AmenityShape.change)), "each amenity once, with its last change"),
        .required("until", .string, "where to go on, now or later"),
    ]
    static let examples = [
        MethodExample("the first change", #"{"limit":1}"#, #"{"items":[{"kind":"changed"}]}"#)
    ]

    private let since: String?
    private let limit: Int

    init(_ arguments: Arguments) {
        since = arguments.text("since")
        limit = arguments.integer("limit") ?? 100
    }

    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText {
        try await lookup.changes(since: since, limit: limit, until: context.deadline)
    }
}
