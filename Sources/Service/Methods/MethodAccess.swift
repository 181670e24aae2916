import Access

/// Who may call a method.
enum MethodAccess: Sendable {
    /// Anybody, with whatever token.
    case everyone
    /// Whose role has the scope, and whose token was not narrowed to others.
    case scope(Scope)

    /// Those who run the directory.
    static let insiders = MethodAccess.scope(.jobs)

    /// Whether a caller may call.
    func admits(_ principal: Principal) -> Bool {
        switch self {
        case .everyone: true
        case .scope(let scope): principal.may(scope)
        }
    }

    /// Lets a caller in or says why not.
    func check(_ principal: Principal) throws(CallError) {
        guard !admits(principal), case .scope(let scope) = self else { return }
        guard principal.role != .anonymous else {
            var error = CallError(.unauthenticated, "this method needs a token")
            error.hint = "send auth.login first, or the token in _meta.token"
            throw error
        }
        guard principal.role.scopes.contains(scope) else {
            throw CallError(.forbidden, "the role \(principal.role.rawValue) may not call this method")
        }
        var error = CallError(.forbidden, "the token was narrowed to other things than this method")
        error.hint = "it lacks the scope \(scope.rawValue); auth.whoami lists those it has"
        throw error
    }
}
