/// What a caller may do, from least to most. Each is also a role of the database, `amenity_` and its name.
package enum Role: String, Sendable, CaseIterable {
    case anonymous
    case investor
    case staff
    case analyst
    case admin

    /// What a token of the role may be used for unless it is narrowed.
    package var scopes: [Scope] {
        switch self {
        case .anonymous, .investor: [.read, .submit]
        case .staff, .analyst, .admin: Scope.allCases
        }
    }

    /// How long a token is valid unless somebody says otherwise, in seconds.
    package var tokenLife: Int {
        switch self {
        case .anonymous, .investor: 90 * 86_400
        case .staff, .analyst: 30 * 86_400
        case .admin: 12 * 3600
        }
    }
}

/// What a token may be used for.
package enum Scope: String, Sendable, CaseIterable {
    /// Look up what is published.
    case read
    /// Hand in requests and feedback.
    case submit
    /// Read what others have handed in.
    case desk
    /// Look at jobs and the queue.
    case jobs
}
