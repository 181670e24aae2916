package import Postgres

/// Every statement of the service's own, for checks against a database.
package enum ServiceStatements {
    package static let all: [SQL] = [
        ClaimKey.sql, FindKey.sql, KeepAnswer.sql, PruneKeys.sql, SealingKeys.sql, RotateSealingKeys.sql,
        NumberEvents.sql, ReadEvents.sql, StreamBounds.sql, WantJobs.sql, PruneEvents.sql, OwnedObjects.sql,
        SayWord.sql, LastMigration.sql,
    ]
}

/// A statement about one idempotency key.
private protocol KeyStatement: Statement {
    var key: IdempotencyKey { get }
}

extension KeyStatement {
    fileprivate func bindKey(to parameters: inout Parameters) {
        // Only a hash is kept: a key may be all that stands between a stranger and an answer.
        parameters.append(SHA256.hash(Array(key.actor.utf8) + [0] + Array(key.text.utf8)))
    }
}

struct ClaimKey: OneRow, KeyStatement {
    static let sql = SQL("claim_key", PackageResources.claim_key_sql)
    let key: IdempotencyKey

    func bind(to parameters: inout Parameters) {
        bindKey(to: &parameters)
        parameters.append(key.method)
        parameters.append(key.params)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Bool { try row.next() }
}

struct FindKey: OptionalRow, KeyStatement {
    static let sql = SQL("find_key", PackageResources.find_key_sql)
    let key: IdempotencyKey

    struct Row: Sendable {
        let isSameCall: Bool
        let answer: JSONText
    }

    func bind(to parameters: inout Parameters) {
        bindKey(to: &parameters)
        parameters.append(key.method)
        parameters.append(key.params)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        Row(isSameCall: try row.next(), answer: try row.next())
    }
}

struct KeepAnswer: Command, KeyStatement {
    static let sql = SQL("keep_answer", PackageResources.keep_answer_sql)
    let key: IdempotencyKey
    let answer: JSONText

    func bind(to parameters: inout Parameters) {
        bindKey(to: &parameters)
        parameters.append(answer.text)
    }
}

/// Deletes expired idempotency keys.
struct PruneKeys: OneRow {
    static let sql = SQL("prune_idempotency", PackageResources.prune_idempotency_sql)
    let count: Int

    func bind(to parameters: inout Parameters) { parameters.append(Int32(clamping: count)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { Int(try row.next(Int64.self)) }
}

struct SealingKeys: ManyRows {
    static let sql = SQL("sealing_keys", PackageResources.sealing_keys_sql)
    static let route = Route.shared

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (id: Int16, key: [UInt8]) {
        (try row.next(), try row.next())
    }
}

/// Makes a new sealing key when it is time, and drops those that no cursor in use has any more.
struct RotateSealingKeys: OneRow {
    static let sql = SQL("rotate_sealing_keys", PackageResources.rotate_sealing_keys_sql)
    /// How long the newest key is used.
    let lifetime: Duration
    /// How long a key opens cursors once there is a newer one.
    let overlap: Duration

    /// A month of use, and a week for whoever is slow to turn a page.
    static let asUsual = RotateSealingKeys(lifetime: .seconds(30 * 86_400), overlap: .seconds(7 * 86_400))

    func bind(to parameters: inout Parameters) {
        parameters.append(Interval(lifetime))
        parameters.append(Interval(overlap))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (made: Int, dropped: Int) {
        (Int(try row.next(Int64.self)), Int(try row.next(Int64.self)))
    }
}

/// Up to where the schema is.
struct LastMigration: OneRow {
    static let sql = SQL("last_migration", PackageResources.last_migration_sql)
    static let route = Route.shared

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int? {
        try row.nextIfPresent(Int32.self).map { Int($0) }
    }
}
