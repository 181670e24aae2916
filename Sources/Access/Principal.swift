package import Postgres

/// What a caller may do, from least to most.
package enum Role: String, Sendable, CaseIterable {
    case anonymous
    case investor
    case staff
    case analyst
    case admin
}

/// Who is calling.
package struct Principal: Sendable {
    package let actor: String
    package let role: Role
    /// The parks that staff may curate.
    package let parks: [String]
    package let scopes: [String]
    package let expiresAt: Timestamp?

    package init(actor: String, role: Role, parks: [String] = [], scopes: [String] = [], expiresAt: Timestamp? = nil) {
        self.actor = actor
        self.role = role
        self.parks = parks
        self.scopes = scopes
        self.expiresAt = expiresAt
    }

    package static let anonymous = Principal(actor: "anonymous", role: .anonymous, scopes: ["read", "submit"])

    /// Whether the caller may see other people's requests and feedback, jobs and the queue.
    package var mayReadAll: Bool {
        switch role {
        case .staff, .analyst, .admin: true
        case .anonymous, .investor: false
        }
    }
}
