import Postgres

/// A method that changes something.
///
/// It works in one transaction, which also keeps its answer where the call has an idempotency key: the change and the
/// memory of it exist together or not at all.
protocol WriteMethod: RemoteMethod {
    /// Makes the change in the transaction of the session.
    func change(_ context: CallContext, in session: Session) async throws(CallError) -> Change
}

extension WriteMethod {
    static var effect: MethodEffect { .write }
    static var patience: Duration { .seconds(10) }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        let made = try await context.backend.write(context) {
            (session) throws(CallError) in
            try await change(context, in: session)
        }
        made.announce()
        return made.answer
    }
}

/// What a change comes to.
struct Change: Sendable {
    var answer: Answer
    /// Tells others, once the change is committed.
    var announce: @Sendable () -> Void = {}
}

extension Backend {
    /// Runs a change in a transaction that acts for the caller, or gives back what it answered before under the same key.
    ///
    /// - Throws: ``ErrorCode/idempotencyMismatch``, ``ErrorCode/idempotencyInProgress``, and what the change throws.
    func write(
        _ context: CallContext,
        _ change: (Session) async throws(CallError) -> Change
    ) async throws(CallError) -> Change {
        let key = context.idempotencyKey
        do {
            return try await pool.withTransaction(
                until: context.deadline,
                first: context.opening,
                limitsStatements: true
            ) { session in
                guard let key else { return try await change(session) }
                if let answer = try await key.claim(in: session) { return Change(answer: answer) }
                let made = try await change(session)
                _ = try await session.execute(KeepAnswer(key: key, answer: made.answer.json))
                return made
            }
        } catch let error as CallError {
            throw key == nil ? error : error.retriedUnderKey
        } catch let error as PostgresError {
            let error = CallError(error)
            throw key == nil ? error : error.retriedUnderKey
        } catch {
            var failure = CallError(.internalError, CallError.unexpected)
            failure.detail = "\(error)"
            throw failure
        }
    }
}

extension CallError {
    /// The error for a caller who has a key: where the outcome is unknown, the same call finds it out.
    fileprivate var retriedUnderKey: CallError {
        guard isOutcomeUnknown else { return self }
        var error = self
        error.isRetryable = true
        error.hint = "send the same call with the same idempotency_key again: it will not be done twice"
        return error
    }
}
