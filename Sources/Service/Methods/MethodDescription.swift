import Access

/// What a method says of itself, as values: what `rpc.discover`, the reference page and the CLI tell.
package struct MethodDescription: Sendable {
    package let name: String
    package let summary: String
    package let parameters: [Parameter]
    package let result: [Parameter]
    let access: MethodAccess
    package let errors: [ErrorCode]
    package let examples: [MethodExample]
    /// Set once the method will go.
    package let deprecation: Deprecation?
    /// `nil` for a method that waits for nothing.
    let effect: MethodEffect?
    let patience: Duration?

    /// A method that stands for itself alone, such as one of a test.
    init(
        name: String,
        summary: String = "",
        parameters: [Parameter] = [],
        result: [Parameter] = [],
        access: MethodAccess = .everyone,
        deprecation: Deprecation? = nil
    ) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
        self.result = result
        self.access = access
        errors = []
        examples = []
        self.deprecation = deprecation
        effect = nil
        patience = nil
    }

    init<M: Method>(_ method: M.Type, effect: MethodEffect? = nil, patience: Duration? = nil) {
        name = M.name
        summary = M.summary
        parameters = M.parameters
        result = M.result
        access = M.access
        var errors = ErrorCode.ofEveryCall
        if effect != nil { errors += ErrorCode.ofEveryWait }
        if M.access.isRestricted { errors += [.unauthenticated, .forbidden] }
        errors += M.errors
        // Once each, in the order of the codes' table.
        self.errors = ErrorCode.allCases.filter(errors.contains)
        examples = M.examples
        deprecation = M.deprecation
        self.effect = effect
        self.patience = patience
    }

    /// Who may call it, in words.
    package var callers: String { access.roles.map(\.rawValue).joined(separator: ", ") }
}

extension MethodAccess {
    /// The roles that may call.
    var roles: [Role] {
        switch self {
        case .everyone: Role.allCases
        case .scope(let scope): Role.allCases.filter { $0.scopes.contains(scope) }
        }
    }

    var isRestricted: Bool { roles.count < Role.allCases.count }
}
