package import Postgres

/// Every statement of this slice, for checks against a database.
package enum AccessStatements {
    package static let all: [SQL] = [FindToken.sql, CreateToken.sql, ListTokens.sql, RevokeToken.sql]
}

struct FindToken: OptionalRow {
    static let sql = SQL("find_token", PackageResources.find_token_sql)
    static let route = Route.shared
    let token: Token

    func bind(to parameters: inout Parameters) { parameters.append(Array(token.text.utf8)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Principal {
        let name = try row.next(String.self)
        let role = Role(rawValue: try row.next(String.self)) ?? .anonymous
        let parks = try row.next(PostgresArray<String>.self).elements
        return Principal(actor: name, role: role, parks: parks, expiresAt: try row.nextIfPresent())
    }
}

struct CreateToken: OneRow {
    static let sql = SQL("create_token", PackageResources.create_token_sql)
    let token: Token
    let name: String
    let role: Role
    let parks: [String]
    let days: Int?

    func bind(to parameters: inout Parameters) {
        parameters.append(Array(token.text.utf8))
        parameters.append(name)
        parameters.append(role.rawValue)
        parameters.append(PostgresArray(parks))
        parameters.append(days.map { Int32(clamping: $0) })
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

struct ListTokens: OneRow {
    static let sql = SQL("list_tokens", PackageResources.list_tokens_sql)
    static let route = Route.leasedRead

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

struct RevokeToken: Command {
    static let sql = SQL("revoke_token", PackageResources.revoke_token_sql)
    let id: Int64

    func bind(to parameters: inout Parameters) { parameters.append(id) }
}
