import Access
import Postgres

/// Makes the connection speak for the holder of a token.
struct Login: RemoteMethod {
    static let name = "auth.login"
    static let summary = "Lets later calls of this connection speak for the holder of a token."
    static let access = MethodAccess.everyone
    static let parameters: [Parameter] = [.required("token", .text(maximumBytes: 256), "as it was given out")]
    static let result = WhoAmI.result
    static let effect = MethodEffect.session
    static let examples = [
        MethodExample(
            "a login",
            #"{"token":"amn_stf_0000000000000000000000000000"}"#,
            #"{"actor":"desk","role":"staff","parks":["jx-de"]}"#
        )
    ]

    private let token: String

    init(_ arguments: Arguments) { token = arguments.requiredText("token") }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        let principal = try await context.backend.caller(
            presenting: .token(token),
            from: context.address,
            requestID: context.requestID,
            until: context.deadline
        )
        do {
            try await context.backend.tokens.noteLogin(
                of: principal,
                requestID: context.requestID,
                until: context.deadline
            )
        } catch {
            throw CallError(error)
        }
        var answer = Answer { WhoAmI.write(principal, to: &$0) }
        answer.change = .login(token: token)
        return answer
    }
}

/// Says for whom the connection speaks.
struct WhoAmI: RemoteMethod {
    static let name = "auth.whoami"
    static let summary = "Says for whom this connection, or this call's token, speaks."
    static let access = MethodAccess.everyone
    static let cost = 0
    static let result: [Parameter] = [
        .required("actor", .string, "the token's name"),
        .required("role", .choice(Role.allCases.map(\.rawValue))),
        .required(
            "parks",
            .list(of: .string),
            "that it is limited to; for staff those they work for, for others all if empty"
        ),
        .required("scopes", .list(of: .string)),
        .required("expires_at", .nullable(.time)),
    ]
    static let examples = [
        MethodExample(
            "after a login",
            "{}",
            #"{"actor":"desk","role":"staff","parks":["jx-de"]}"#
        )
    ]

    init(_ arguments: Arguments) {}

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        Answer { Self.write(context.principal, to: &$0) }
    }

    static func write(_ principal: Principal, to writer: inout JSONWriter) {
        writer.raw("{")
        writer.member("actor", principal.actor)
        writer.member("role", principal.role.rawValue)
        writer.member("parks", principal.parks)
        writer.member("scopes", principal.scopes.map(\.rawValue))
        writer.name("expires_at")
        if let expiresAt = principal.expiresAt {
            writer.string(CivilTime(unixSeconds: expiresAt.unixSeconds).text)
        } else {
            writer.raw("null")
        }
        writer.raw("}")
    }
}

/// Makes the connection anonymous again. Not answered in place, so that it keeps its turn behind a login.
struct Logout: RemoteMethod {
    static let name = "auth.logout"
    static let summary = "Makes this connection anonymous again."
    static let access = MethodAccess.everyone
    static let cost = 0
    static let result = WhoAmI.result
    static let effect = MethodEffect.session
    static let examples = [MethodExample("a logout", "{}", #"{"actor":"anonymous","role":"anonymous"}"#)]

    init(_ arguments: Arguments) {}

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        var answer = Answer { WhoAmI.write(.anonymous, to: &$0) }
        answer.change = .logout
        return answer
    }
}

extension CallError {
    /// One answer for unknown, expired and revoked, so that nothing can be learned from it.
    static var badToken: CallError {
        var error = CallError(.unauthenticated, "the token is not valid")
        error.hint = "it may be mistyped, expired or revoked"
        return error
    }
}
