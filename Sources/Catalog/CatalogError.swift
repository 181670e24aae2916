package import Postgres

/// Why a look-up has no answer.
package enum CatalogError: Error, Sendable {
    /// No park of this id; the known ones help the caller on.
    case unknownPark(String, known: [String])
    case notFound(what: String, id: String)
    /// A parameter that cannot be right; the member is a path below `params`, such as `categories/0`.
    case invalid(member: String, expected: String)
    /// A code that the taxonomy has not; the nearest that it has helps the caller on.
    case unknownCode(member: String, nearest: String?)
    /// A cursor that was not made for this search.
    case cursorMismatch
    case database(PostgresError)
}

extension CatalogError {
    /// Runs the body and wraps what the database threw.
    static func wrapping<Value>(
        _ body: () async throws(PostgresError) -> Value
    ) async throws(CatalogError) -> Value {
        do {
            return try await body()
        } catch {
            throw .database(error)
        }
    }
}
