import Postgres

/// Under which a caller may send a write again without having it done again.
///
/// The first answer is kept for 24 hours in the transaction of the write. Whoever comes with the same key meanwhile waits
/// for that transaction's end.
struct IdempotencyKey: Sendable {
    /// Who calls; keys of different callers have nothing to do with each other.
    let actor: String
    let text: String
    let method: String
    /// SHA-256 of the params in one form.
    let params: [UInt8]

    init(actor: String, text: String, method: String, params: [UInt8]) {
        self.actor = actor
        self.text = text
        self.method = method
        self.params = SHA256.hash(params)
    }

    /// 16 to 128 printable characters of ASCII: short ones would be guessed, or used twice by accident.
    static func isValid(_ text: String) -> Bool {
        (16...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    static let expectation = "16 to 128 printable ASCII characters without spaces"

    /// Takes the key for the session's transaction.
    ///
    /// - Returns: what was answered before; `nil` for whoever is the first.
    func claim(in session: Session) async throws -> Answer? {
        let isFirst: Bool
        do throws(PostgresError) {
            isFirst = try await session.execute(ClaimKey(key: self))
        } catch {
            switch error {
            case .timedOut(.waitingForAnswer): throw CallError.keyInProgress
            case .server(let server) where server.sqlState == .lockNotAvailable || server.sqlState == .queryCanceled:
                throw CallError.keyInProgress
            case .server, .connection, .commitUnknown, .rolledBack, .timedOut, .cancelled, .decoding, .poolClosed:
                throw error
            }
        }
        if isFirst { return nil }
        // It may have expired and been deleted just now.
        guard let kept = try await session.execute(FindKey(key: self)) else { throw CallError.keyInProgress }
        guard kept.isSameCall else { throw CallError.keyMismatch }
        var answer = Answer(kept.answer)
        answer.isReplayed = true
        return answer
    }
}

extension CallError {
    fileprivate static var keyInProgress: CallError {
        var error = CallError(.idempotencyInProgress, "a call with this idempotency key is still running")
        error.path = "/params/_meta/idempotency_key"
        error.retryAfterMilliseconds = 500
        return error
    }

    fileprivate static var keyMismatch: CallError {
        var error = CallError(.idempotencyMismatch, "this idempotency key was used for another call")
        error.path = "/params/_meta/idempotency_key"
        error.hint = "a key belongs to one method with one set of params for 24 hours: make a new one"
        return error
    }
}
