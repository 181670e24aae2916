import Catalog
import Postgres

/// A method that the catalogue answers alone, whoever asks.
protocol LookupMethod: RemoteMethod {
    /// The result, an object without `_meta`.
    func answer(from lookup: Lookup, _ context: CallContext) async throws(CatalogError) -> JSONText
}

extension LookupMethod {
    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(try await answer(from: context.backend.lookup, context))
        } catch {
            throw CallError(error)
        }
    }
}
