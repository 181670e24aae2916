package import Postgres

/// What an operator does with tokens. Every change of one goes into the audit log, by itself.
extension Tokens {
    /// A token that was just made. Its text is known now and never again.
    package struct Given: Sendable {
        package let id: Int64
        package let token: Token
    }

    /// Makes a token and keeps its hash.
    ///
    /// - Parameters:
    ///   - certificate: the name in the certificate that its holder shows, in place of the secret, which then is good for
    ///     nothing.
    ///   - life: seconds until it expires; `nil` for never.
    package func create(
        _ grant: Grant,
        name: String,
        certificate: String? = nil,
        life: Int?,
        until deadline: Deadline
    ) async throws(PostgresError) -> Given {
        let token = Token(role: grant.role)
        let id = try await pool.execute(
            CreateToken(token: token, name: name, grant: grant, certificate: certificate, life: life),
            until: deadline
        )
        return Given(id: id, token: token)
    }

    /// Makes a token that may do a part of what another may, and ends with it.
    ///
    /// - Parameters:
    ///   - name: `nil` for the same.
    ///   - parks: `nil` for the same.
    ///   - scopes: `nil` for the same.
    ///   - networks: `nil` for the same.
    ///   - life: seconds until it expires, which is never after the other one; `nil` for with it.
    package func narrow(
        _ id: Int64,
        name: String?,
        parks: [String]?,
        scopes: [Scope]?,
        networks: [NetworkPrefix]? = nil,
        life: Int?,
        until deadline: Deadline
    ) async throws(TokenError) -> Given {
        let grant = try await grant(of: id, until: deadline)
        // For the words; the table refuses it by itself.
        _ = try grant.narrowed(parks: parks, scopes: scopes, networks: networks)
        let token = Token(role: grant.role)
        let statement = NarrowToken(
            id: id,
            token: token,
            name: name,
            parks: parks,
            scopes: scopes,
            networks: networks,
            life: life
        )
        return try await given(statement, token: token, from: id, until: deadline)
    }

    /// Replaces a token by one that may do the same for as long. The old one goes on for a while, so that its holder can
    /// change over in peace.
    ///
    /// - Parameter overlap: seconds for which the old one goes on.
    package func rotate(_ id: Int64, overlap: Int, until deadline: Deadline) async throws(TokenError) -> Given {
        let token = Token(role: try await grant(of: id, until: deadline).role)
        return try await given(
            RotateToken(id: id, token: token, overlap: overlap),
            token: token,
            from: id,
            until: deadline
        )
    }

    /// Ends a token and all that were narrowed from it.
    ///
    /// - Returns: how many ended; 0 where there is no token of this id that was still valid.
    package func revoke(_ id: Int64, until deadline: Deadline) async throws(PostgresError) -> Int {
        try await pool.execute(RevokeToken(id: id), until: deadline)
    }

    /// Every token without its secret, as a JSON array.
    package func list(until deadline: Deadline) async throws(PostgresError) -> JSONText {
        try await pool.execute(ListTokens(), until: deadline)
    }

    // MARK: Private

    private func grant(of id: Int64, until deadline: Deadline) async throws(TokenError) -> Grant {
        guard let grant = try await run(FindGrant(id: id), until: deadline) else { throw .notValid(id) }
        return grant
    }

    private func given<S: OptionalRow>(
        _ statement: S,
        token: Token,
        from id: Int64,
        until deadline: Deadline
    ) async throws(TokenError) -> Given where S.Row == Int64 {
        guard let made = try await run(statement, until: deadline) else { throw .notValid(id) }
        return Given(id: made, token: token)
    }

    private func run<S: Statement>(_ statement: S, until deadline: Deadline) async throws(TokenError) -> S.Output {
        do {
            return try await pool.execute(statement, until: deadline)
        } catch {
            throw .database(error)
        }
    }
}
