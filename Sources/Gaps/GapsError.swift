package import Postgres

/// Why a report could not be made.
package enum GapsError: Error, Sendable {
    case unknownPark(String, known: [String])
    /// A parameter that cannot be right; the member is a path below `params`.
    case invalid(member: String, expected: String)
    case database(PostgresError)
}
