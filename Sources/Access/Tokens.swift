package import Postgres

/// The tokens that the directory has given out.
package struct Tokens: Sendable {
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    /// Who presents this token; `nil` when it is malformed, unknown, expired or revoked, without saying which.
    package func principal(for token: String, until deadline: Deadline) async throws(PostgresError) -> Principal? {
        guard let token = Token(token) else { return nil }
        return try await pool.execute(FindToken(token: token), until: deadline)
    }

    /// Makes a token and keeps its hash; its text is returned here and never again.
    ///
    /// - Parameter days: until it expires; `nil` for never.
    package func create(
        role: Role,
        name: String,
        parks: [String],
        days: Int?,
        until deadline: Deadline
    ) async throws(PostgresError) -> Token {
        var random = SystemRandomNumberGenerator()
        let token = Token(role: role, using: &random)
        let statement = CreateToken(token: token, name: name, role: role, parks: parks, days: days)
        _ = try await pool.execute(statement, until: deadline)
        return token
    }

    /// Every token without its secret, as a JSON array.
    package func list(until deadline: Deadline) async throws(PostgresError) -> JSONText {
        try await pool.execute(ListTokens(), until: deadline)
    }

    /// Ends a token; false when there is no valid one of this id.
    package func revoke(_ id: Int64, until deadline: Deadline) async throws(PostgresError) -> Bool {
        try await pool.execute(RevokeToken(id: id), until: deadline) == 1
    }
}
