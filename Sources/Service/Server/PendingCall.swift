import Access
import Catalog
import Postgres

/// A decoded call that waits for a task, or has one.
struct PendingCall: Sendable {
    let entry: MethodEntry
    let effect: MethodEffect
    let method: any RemoteMethod
    let requestID: String
    var token: String?
    let language: Language
    let deadline: Deadline
}

/// How a call ended.
struct CallOutcome: Sendable {
    let result: Result<Answer, CallError>
    let role: Role
}

extension PendingCall {
    /// Finds out who calls, whether they may, and runs the method.
    func run(backend: Backend, health: Health) async -> CallOutcome {
        var principal = Principal.anonymous
        do throws(CallError) {
            guard deadline > .now else {
                var error = CallError(.deadlineExceeded, "the call's deadline passed before it could begin")
                error.retryAfterMilliseconds = 100
                throw error
            }
            // Who logs in or out needs not be anybody yet, or any more.
            if let token, effect != .session {
                principal = try await backend.caller(presenting: token, requestID: requestID, until: deadline)
            }
            try entry.access.check(principal)
            let context = CallContext(
                backend: backend,
                health: health,
                requestID: requestID,
                principal: principal,
                language: language,
                deadline: deadline
            )
            return CallOutcome(result: .success(try await method.run(context)), role: principal.role)
        } catch {
            return CallOutcome(result: .failure(error), role: principal.role)
        }
    }
}
