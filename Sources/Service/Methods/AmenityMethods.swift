import Catalog
import Postgres

/// Completions as somebody types.
struct SuggestAmenities: RemoteMethod {
    static let name = "amenities.suggest"
    static let summary = "Completes what is being typed, in any script: kinds of place, regions, parks, names."
    static let parameters: [Parameter] = [
        .required("prefix", .text(maximumBytes: 256)),
        .optional("park", .text(maximumBytes: 64)),
        .optional("limit", .integer(Lookup.suggestionLimits)),
    ]

    private let prefix: String
    private let park: String?
    private let limit: Int

    init(_ arguments: Arguments) {
        prefix = arguments.requiredText("prefix")
        park = arguments.text("park")
        limit = arguments.integer("limit") ?? 10
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.lookup.suggestions(
                    for: prefix,
                    park: park,
                    limit: limit,
                    language: context.language,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}

/// Amenities side by side.
struct CompareAmenities: RemoteMethod {
    static let name = "amenities.compare"
    static let summary = "Sets two to four amenities side by side, fact by fact."
    static let parameters: [Parameter] = [
        .required("ids", .array(of: .text(maximumBytes: 128), maximumCount: Lookup.comparisonSizes.upperBound)),
        .optional("park", .text(maximumBytes: 64)),
        .optional("nationality", .text(maximumBytes: 32)),
        .optional("languages", .array(of: .text(maximumBytes: 35), maximumCount: 20)),
    ]

    private let ids: [String]
    private let search: AmenitySearch

    init(_ arguments: Arguments) {
        ids = arguments.texts("ids")
        search = AmenitySearch(
            park: arguments.text("park"),
            nationality: arguments.text("nationality"),
            languages: arguments.texts("languages")
        )
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.lookup.comparison(
                    of: ids,
                    for: search,
                    language: context.language,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}

/// An amenity on a card, to show a driver or to keep.
struct ShowCard: RemoteMethod {
    static let name = "amenities.card"
    static let summary = "Shows what to hold up to a driver in Chinese, or a contact to keep."
    static let parameters: [Parameter] = [
        .required("id", .text(maximumBytes: 128)),
        .optional("kind", .choice(Lookup.CardKind.allCases.map(\.rawValue))),
    ]

    private let id: String
    private let kind: Lookup.CardKind

    init(_ arguments: Arguments) {
        id = arguments.requiredText("id")
        kind = arguments.text("kind").flatMap(Lookup.CardKind.init) ?? .taxi
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.lookup.card(
                    of: id,
                    kind: kind,
                    language: context.language,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}

/// What has changed, for those who keep a copy.
struct ListChanges: RemoteMethod {
    static let name = "amenities.changes"
    static let summary = "Lists the amenities that changed or went, in order."
    static let parameters: [Parameter] = [
        .optional("since", .text(maximumBytes: 128)),
        .optional("limit", .integer(Lookup.changeLimits)),
    ]

    private let since: String?
    private let limit: Int

    init(_ arguments: Arguments) {
        since = arguments.text("since")
        limit = arguments.integer("limit") ?? 100
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            let page = try await context.backend.lookup.changes(since: since, limit: limit, until: context.deadline)
            var answer = Answer(page.json)
            answer.next = page.next
            return answer
        } catch {
            throw CallError(error)
        }
    }
}
