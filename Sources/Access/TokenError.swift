package import Postgres

/// Why a token could not be made from another.
package enum TokenError: Error, Sendable {
    /// There is no valid token of this id.
    case notValid(Int64)
    /// It would do more than the one it is made from; what that one is allowed instead.
    case wider(String, allowed: [String])
    case database(PostgresError)
}
