import Catalog
import Postgres

/// The parks.
struct ListParks: RemoteMethod {
    static let name = "parks.list"
    static let summary = "Lists the parks with what is known around each."
    static let parameters: [Parameter] = [.optional("country", .text(maximumBytes: 32))]

    private let country: String?

    init(_ arguments: Arguments) { country = arguments.text("country") }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.lookup.parks(
                    country: country,
                    language: context.language,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}

/// One park.
struct GetPark: RemoteMethod {
    static let name = "parks.get"
    static let summary = "Shows one park."
    static let parameters: [Parameter] = [.required("park", .text(maximumBytes: 64))]

    private let park: String

    init(_ arguments: Arguments) { park = arguments.requiredText("park") }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.lookup.park(park, language: context.language, until: context.deadline)
            )
        } catch {
            throw CallError(error)
        }
    }
}

/// Categories and attributes.
struct ListTerms: RemoteMethod {
    static let name = "taxonomy.list"
    static let summary = "Lists categories and attributes with their labels."
    static let parameters: [Parameter] = [
        .optional("kind", .text(maximumBytes: 32)),
        .optional("parent", .text(maximumBytes: 64)),
    ]

    private let kind: String?
    private let parent: String?

    init(_ arguments: Arguments) {
        kind = arguments.text("kind")
        parent = arguments.text("parent")
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.lookup.terms(
                    kind: kind,
                    parent: parent,
                    language: context.language,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}

/// One amenity.
struct GetAmenity: RemoteMethod {
    static let name = "amenities.get"
    static let summary = "Shows the whole record of an amenity."
    static let parameters: [Parameter] = [.required("id", .text(maximumBytes: 128))]

    private let id: String

    init(_ arguments: Arguments) { id = arguments.requiredText("id") }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.lookup.amenity(id, language: context.language, until: context.deadline)
            )
        } catch {
            throw CallError(error)
        }
    }
}
