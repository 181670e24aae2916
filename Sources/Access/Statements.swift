package import Postgres

/// Every statement of this slice, for checks against a database.
package enum AccessStatements {
    package static let all: [SQL] = [
        FindToken.sql, AssumeToken.sql, NoteLogin.sql, NoteRefusal.sql, CreateToken.sql, FindGrant.sql,
        NarrowToken.sql, RotateToken.sql, RevokeToken.sql, ListTokens.sql, SealAudit.sql, ListAudit.sql,
        VerifyAudit.sql,
    ]
}

struct FindToken: OptionalRow {
    static let sql = SQL("find_token", PackageResources.find_token_sql)
    static let route = Route.shared
    /// `nil` for one whose form is wrong: nobody's.
    private let token: Token?
    private let names: [String]?

    init(_ credential: Credential) {
        switch credential {
        case .token(let text):
            token = Token(text)
            names = nil
        case .certificate(let names):
            token = nil
            self.names = names
        }
    }

    func bind(to parameters: inout Parameters) {
        parameters.append(token?.bytes)
        parameters.append(names.map { PostgresArray($0) })
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (principal: Principal, secondsLeft: Double?) {
        let id = try row.next(Int64.self)
        let name = try row.next(String.self)
        let grant = try row.nextGrant()
        let principal = Principal(
            actor: name,
            role: grant.role,
            parks: grant.parks,
            scopes: grant.scopes,
            networks: grant.networks,
            expiresAt: try row.nextIfPresent(),
            token: id
        )
        return (principal, try row.nextIfPresent())
    }
}

struct AssumeToken: Command {
    static let sql = SQL("assume_token", PackageResources.assume_token_sql)
    let token: Int64?
    let requestID: String

    func bind(to parameters: inout Parameters) {
        parameters.append(token)
        parameters.append(requestID)
    }
}

struct NoteLogin: Command {
    static let sql = SQL("note_login", PackageResources.note_login_sql)
}

struct NoteRefusal: Command {
    static let sql = SQL("note_refusal", PackageResources.note_refusal_sql)
    let token: Token
    let address: String?

    func bind(to parameters: inout Parameters) {
        parameters.append(token.bytes)
        parameters.append(address)
    }
}

struct CreateToken: OneRow {
    static let sql = SQL("create_token", PackageResources.create_token_sql)
    let token: Token
    let name: String
    let grant: Grant
    let certificate: String?
    let life: Int?

    func bind(to parameters: inout Parameters) {
        parameters.append(token.bytes)
        parameters.append(name)
        parameters.append(grant.role.rawValue)
        parameters.append(PostgresArray(grant.parks))
        parameters.append(grant.scopes.map { PostgresArray($0.map(\.rawValue)) })
        parameters.append(grant.networks.isEmpty ? nil : PostgresArray(grant.networks.map(\.description)))
        parameters.append(certificate)
        parameters.append(life.map { Double($0) })
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

struct FindGrant: OptionalRow {
    static let sql = SQL("find_grant", PackageResources.find_grant_sql)
    static let route = Route.leasedRead
    let id: Int64

    func bind(to parameters: inout Parameters) { parameters.append(id) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Grant { try row.nextGrant() }
}

struct NarrowToken: OptionalRow {
    static let sql = SQL("narrow_token", PackageResources.narrow_token_sql)
    let id: Int64
    let token: Token
    let name: String?
    let parks: [String]?
    let scopes: [Scope]?
    let networks: [NetworkPrefix]?
    let life: Int?

    func bind(to parameters: inout Parameters) {
        parameters.append(id)
        parameters.append(token.bytes)
        parameters.append(name)
        parameters.append(parks.map { PostgresArray($0) })
        parameters.append(scopes.map { PostgresArray($0.map(\.rawValue)) })
        parameters.append(networks.map { PostgresArray($0.map(\.description)) })
        parameters.append(life.map { Double($0) })
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

struct RotateToken: OptionalRow {
    static let sql = SQL("rotate_token", PackageResources.rotate_token_sql)
    let id: Int64
    let token: Token
    /// Seconds.
    let overlap: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(id)
        parameters.append(token.bytes)
        parameters.append(Double(overlap))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

struct RevokeToken: Command {
    static let sql = SQL("revoke_token", PackageResources.revoke_token_sql)
    let id: Int64

    func bind(to parameters: inout Parameters) { parameters.append(id) }
}

struct ListTokens: OneRow {
    static let sql = SQL("list_tokens", PackageResources.list_tokens_sql)
    static let route = Route.leasedRead

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

extension RowReader {
    /// Networks, none for NULL.
    private mutating func nextNetworks() throws(PostgresError) -> [NetworkPrefix] {
        try nextIfPresent(PostgresArray<String>.self)?.elements.map { text in
            guard let network = NetworkPrefix(text) else { preconditionFailure("PostgreSQL wrote no network: \(text)") }
            return network
        } ?? []
    }

    /// A role, parks, scopes and networks.
    fileprivate mutating func nextGrant() throws(PostgresError) -> Grant {
        Grant(
            role: Role(rawValue: try next(String.self)) ?? .anonymous,
            parks: try next(PostgresArray<String>.self).elements,
            scopes: try nextIfPresent(PostgresArray<String>.self)?.elements.compactMap(Scope.init),
            networks: try nextNetworks()
        )
    }
}
