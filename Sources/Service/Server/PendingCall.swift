import Access
import Catalog
import Postgres

/// A decoded call that waits for a task, or has one.
struct PendingCall: Sendable {
    let entry: MethodEntry
    let effect: MethodEffect
    let method: any RemoteMethod
    let requestID: String
    var credential: Credential?
    /// From where it came; `nil` for a Unix socket.
    let from: IPAddress?
    let language: Language
    let deadline: Deadline
    /// Whether its caller has been recognised before.
    let isKnown: Bool
    /// The caller's address, for whoever calls without a token.
    let address: String
    /// What a write may take of what its address may say of amenities without a token; `nil` where no limits apply.
    let feedbackShare: AddressQuota.Share?
    let idempotencyKey: String?
    let knownETag: String?
    /// To keep the answer for others, and to share it with those who ask the same meanwhile.
    let claim: HotAnswers.Claim?
    /// The params in one form, where the call's key or its cursor is bound to them.
    let boundParams: [UInt8]
}

/// Who called, and what it took of the database: for the log.
struct CallAccount: Sendable {
    var role = Role.anonymous
    /// The id of the caller's token.
    var token: Int64?
    /// `nil` for a call that needed no task.
    var databaseTime: Duration?
}

/// How a call ended.
struct CallOutcome: Sendable {
    let result: Result<Answer, CallError>
    var account: CallAccount
}

extension PendingCall {
    /// Finds out who calls, whether they may, and runs the method.
    func run(backend: Backend, health: Health) async -> CallOutcome {
        let time = DatabaseTime()
        var outcome = await DatabaseTime.$current.withValue(time) { await answered(by: backend, health) }
        outcome.account.databaseTime = time.total
        return outcome
    }

    private func answered(by backend: Backend, _ health: Health) async -> CallOutcome {
        var principal = Principal.anonymous
        do throws(CallError) {
            guard deadline > .now else { throw .expired }
            // Who logs in or out needs not be anybody yet, or any more.
            if let credential, effect != .session {
                principal = try await backend.caller(
                    presenting: credential,
                    from: from,
                    requestID: requestID,
                    until: deadline
                )
            }
            try entry.access.check(principal)
            let context = context(backend, health, principal)
            return CallOutcome(
                result: .success(try await finished(try await method.run(context), context)),
                account: CallAccount(principal)
            )
        } catch {
            return CallOutcome(result: .failure(error), account: CallAccount(principal))
        }
    }

    private func context(_ backend: Backend, _ health: Health, _ principal: Principal) -> CallContext {
        // Who has no token is told apart by address: one stranger's key is nothing to another.
        let actor = principal.token.map { "token \($0)" } ?? "anonymous@" + address
        return CallContext(
            backend: backend,
            health: health,
            requestID: requestID,
            principal: principal,
            credential: credential,
            address: from,
            language: language,
            deadline: deadline,
            feedbackShare: feedbackShare,
            idempotencyKey: effect != .write
                ? nil
                : idempotencyKey.map {
                    IdempotencyKey(actor: actor, text: $0, method: entry.name, params: boundParams)
                },
            query: entry.hasCursor
                ? CursorSeal.Query(method: entry.name, language: language, params: boundParams) : nil
        )
    }

    /// Seals the answer's cursor, and leaves out what the caller has already.
    private func finished(_ answer: Answer, _ context: CallContext) async throws(CallError) -> Answer {
        var answer = answer
        // Here and not where it is written, which would keep the connections of an event loop waiting.
        answer.json = answer.json.onOneLine
        if let next = answer.next, let query = context.query {
            do {
                answer.next = try await context.backend.cursors.seal(next, for: query, until: deadline)
            } catch {
                throw CallError(error)
            }
        }
        guard effect == .read else { return answer }
        let etag = ETag.text(of: answer.total.map { answer.json.utf8 + " \($0)".utf8 } ?? answer.json.utf8)
        answer.etag = etag
        answer.isUnchanged = etag == knownETag
        return answer
    }
}

extension CallAccount {
    init(_ principal: Principal) { self.init(role: principal.role, token: principal.token) }
}
