/// What a token may be used for, and where.
package struct Grant: Sendable, Equatable {
    package let role: Role
    /// For staff the parks that they work for; for other roles the only ones, or all if empty.
    package let parks: [String]
    /// `nil` for all that the role may.
    package let scopes: [Scope]?
    /// From where alone; from anywhere if empty.
    package let networks: [NetworkPrefix]

    package init(role: Role, parks: [String] = [], scopes: [Scope]? = nil, networks: [NetworkPrefix] = []) {
        self.role = role
        self.parks = parks
        self.scopes = scopes
        self.networks = networks
    }

    /// A part of the grant; what is `nil` stays the same.
    ///
    /// - Throws: ``TokenError/wider(_:allowed:)`` where that would be more than the grant.
    package func narrowed(
        parks: [String]? = nil,
        scopes: [Scope]? = nil,
        networks: [NetworkPrefix]? = nil
    ) throws(TokenError) -> Grant {
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
        if let networks, !self.networks.isEmpty {
            let wider = networks.first { network in !self.networks.contains { $0.contains(network) } }
            if let wider { throw .wider("the network \(wider)", allowed: self.networks.map(\.description)) }
            if networks.isEmpty { throw .wider("any network", allowed: self.networks.map(\.description)) }
        }
        return Grant(
            role: role,
            parks: parks ?? self.parks,
            scopes: scopes ?? self.scopes,
            networks: networks ?? self.networks
        )
    }
}
