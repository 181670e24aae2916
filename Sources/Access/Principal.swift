package import Postgres

/// Who is calling.
package struct Principal: Sendable {
    package let actor: String
    package let role: Role
    /// For staff the parks that they work for; for other roles the only ones, or all if empty.
    package let parks: [String]
    package let scopes: [Scope]
    /// From where alone they may call; from anywhere if empty.
    package let networks: [NetworkPrefix]
    package let expiresAt: Timestamp?
    /// The token's id; `nil` for one who has none.
    package let token: Int64?

    package init(
        actor: String,
        role: Role,
        parks: [String] = [],
        scopes: [Scope]? = nil,
        networks: [NetworkPrefix] = [],
        expiresAt: Timestamp? = nil,
        token: Int64? = nil
    ) {
        self.actor = actor
        self.role = role
        self.parks = parks
        // What a role has lost since the token was made, the token has lost too.
        self.scopes = role.scopes.filter { scopes?.contains($0) ?? true }
        self.networks = networks
        self.expiresAt = expiresAt
        self.token = token
    }

    package static let anonymous = Principal(actor: "anonymous", role: .anonymous)

    /// Whether they may call from there.
    ///
    /// - Parameter address: `nil` where there is none, as on a Unix socket.
    package func mayCall(from address: IPAddress?) -> Bool {
        networks.isEmpty || networks.contains { network in address.map(network.contains) ?? false }
    }

    /// Whether both the role and the token allow it.
    package func may(_ scope: Scope) -> Bool { scopes.contains(scope) }

    /// What a transaction begins with in order to act for this caller: it takes on the role and the parks that the token
    /// has in that moment, and the database refuses it for a token that is no longer valid.
    ///
    /// - Parameter requestID: the call's id, for the audit log.
    package func opening(requestID: String) -> any Statement { AssumeToken(token: token, requestID: requestID) }
}
