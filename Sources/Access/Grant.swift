/// What a token may be used for, and where.
package struct Grant: Sendable, Equatable {
    package let role: Role
    /// For staff the parks that they work for; for other roles the only ones, or all if empty.
    package let parks: [String]
    /// `nil` for all that the role may.
    package let scopes: [Scope]?

    package init(role: Role, parks: [String] = [], scopes: [Scope]? = nil) {
        self.role = role
        self.parks = parks
        self.scopes = scopes
    }

    /// A part of the grant; what is `nil` stays the same.
    ///
    /// - Throws: ``TokenError/wider(_:allowed:)`` where that would be more than the grant.
    package func narrowed(parks: [String]?, scopes: [Scope]?) throws(TokenError) -> Grant {
        if let parks {
            // No parks are none at all for staff, and all for others.
            let isLimited = role == .staff || !self.parks.isEmpty
            if isLimited, let park = parks.first(where: { !self.parks.contains($0) }) {
                throw .wider("the park \(park)", allowed: self.parks)
            }
            if parks.isEmpty, isLimited, role != .staff { throw .wider("all parks", allowed: self.parks) }
        }
        let held = self.scopes ?? role.scopes
        if let scope = scopes?.first(where: { !held.contains($0) }) {
            throw .wider("the scope \(scope.rawValue)", allowed: held.map(\.rawValue))
        }
        return Grant(role: role, parks: parks ?? self.parks, scopes: scopes ?? self.scopes)
    }
}
