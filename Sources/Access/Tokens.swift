package import Postgres

/// The tokens that the directory has given out: whose they are.
package struct Tokens: Sendable {
    let pool: Pool
    private let cache = TokenCache()

    package init(pool: Pool) { self.pool = pool }

    /// Who presents this token; `nil` when it is malformed, unknown, expired or revoked, without saying which. A token that
    /// was revoked in the last second may still be taken for valid.
    package func principal(for token: String, until deadline: Deadline) async throws(PostgresError) -> Principal? {
        guard let token = Token(token) else { return nil }
        let now = Deadline.now
        if let principal = cache.principal(for: token, at: now) { return principal }
        guard let found = try await pool.execute(FindToken(token: token), until: deadline) else { return nil }
        cache.keep(found.principal, for: token, asked: now, secondsLeft: found.secondsLeft)
        return found.principal
    }

    /// Who presents this token, where that was found out within the last second; for whoever can't wait.
    package func remembered(_ token: String) -> Principal? { cache.principal(forText: token, at: .now) }

    /// Writes into the audit log that a connection speaks for this caller from now on.
    package func noteLogin(
        of principal: Principal,
        requestID: String,
        until deadline: Deadline
    ) async throws(PostgresError) {
        try await note(NoteLogin(), for: principal, requestID: requestID, until: deadline)
    }

    /// Writes into the audit log that a token was refused. One of which the form is wrong isn't worth an entry.
    package func noteRefusal(of token: String, requestID: String, until deadline: Deadline) async throws(PostgresError)
    {
        guard let token = Token(token) else { return }
        try await note(NoteRefusal(token: token), for: .anonymous, requestID: requestID, until: deadline)
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
