package import Postgres

/// The tokens that the directory has given out: whose they are.
package struct Tokens: Sendable {
    let pool: Pool
    private let cache = TokenCache()

    package init(pool: Pool) { self.pool = pool }

    /// Who shows this; `nil` for a token that is malformed, unknown, expired or revoked, without saying which, and somebody
    /// anonymous for a certificate that no valid token names. What was revoked in the last second may still be taken for
    /// valid. Whether they may call from where they do is for the caller to look at.
    package func principal(
        for credential: Credential,
        until deadline: Deadline
    ) async throws(PostgresError) -> Principal? {
        if case .token(let text) = credential, Token(text) == nil { return nil }
        let now = Deadline.now
        if let principal = cache.principal(for: credential, at: now) { return principal }
        let found = try await pool.execute(FindToken(credential), until: deadline)
        guard let principal = found?.principal ?? (credential.isCertificate ? .anonymous : nil) else { return nil }
        cache.keep(principal, for: credential, asked: now, secondsLeft: found?.secondsLeft)
        return principal
    }

    /// Who shows this, where that was found out within the last second; for whoever can't wait.
    package func remembered(_ credential: Credential) -> Principal? { cache.principal(for: credential, at: .now) }

    /// Writes into the audit log that a connection speaks for this caller from now on.
    package func noteLogin(
        of principal: Principal,
        requestID: String,
        until deadline: Deadline
    ) async throws(PostgresError) {
        try await note(NoteLogin(), for: principal, requestID: requestID, until: deadline)
    }

    /// Writes into the audit log that a token was refused. One of which the form is wrong isn't worth an entry.
    package func noteRefusal(
        of token: String,
        from address: IPAddress?,
        requestID: String,
        until deadline: Deadline
    ) async throws(PostgresError) {
        guard let token = Token(token) else { return }
        try await note(
            NoteRefusal(token: token, address: address?.description),
            for: .anonymous,
            requestID: requestID,
            until: deadline
        )
    }

    private func note(
        _ act: some Statement,
        for principal: Principal,
        requestID: String,
        until deadline: Deadline
    ) async throws(PostgresError) {
        do {
            try await pool.withTransaction(
                until: deadline,
                first: principal.opening(requestID: requestID),
                last: act
            ) { _ in }
        } catch let error as PostgresError {
            throw error
        } catch {
            preconditionFailure("an empty transaction throws only the driver's errors, not \(error)")
        }
    }
}
