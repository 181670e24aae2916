package import Postgres

/// Since when and why something is paused, or was.
package struct Pause: Sendable {
    /// RFC 3339.
    package let since: String
    /// The database's user.
    package let by: String
    package let reason: String?
}

/// Pauses kinds and parks, and ends their pauses.
///
/// A pause is a row that claims look at; when ``pause(_:because:)`` has returned, nothing more of its target begins, while
/// running jobs go on to their end.
package struct PauseControl: Sendable {
    private let pool: Pool

    /// How many jobs of a target run, and whether any of it was ever seen (as far back as is cheap to look).
    package struct Census: Sendable {
        package let running: Int
        package let isKnown: Bool
    }

    package init(pool: Pool) { self.pool = pool }

    /// Pauses the target. One that is paused already stays so; a new reason replaces the old one.
    ///
    /// Waits for the claims under way, which take milliseconds, but only so long that a claim which hangs does not hold up
    /// all others.
    package func pause(
        _ target: JobGroup,
        because reason: String?
    ) async throws -> (pause: Pause, isNew: Bool) {
        try await pool.withTransaction(until: .after(.seconds(10))) { session in
            _ = try await session.execute(CloseGate(), until: .after(.seconds(5)))
            return try await session.execute(AddPause(target: target, reason: reason))
        }
    }

    /// Ends the target's pause; `nil` if it was not paused.
    package func resume(_ target: JobGroup) async throws(PostgresError) -> Pause? {
        try await pool.execute(RemovePause(target: target), until: .after(.seconds(30)))
    }

    /// How many of the target's jobs run, and whether any is known.
    package func census(of target: JobGroup) async throws(PostgresError) -> Census {
        try await pool.execute(CountByScope(target: target), until: .after(.seconds(30)))
    }
}

struct CloseGate: Command {
    static let sql = SQL("close_gate", PackageResources.close_gate_sql)
}

struct AddPause: OneRow {
    static let sql = SQL("add_pause", PackageResources.add_pause_sql)
    let target: JobGroup
    let reason: String?

    func bind(to parameters: inout Parameters) {
        parameters.append(target.scope.rawValue)
        parameters.append(target.name)
        parameters.append(reason)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (pause: Pause, isNew: Bool) {
        (try Pause(row: &row), try row.next())
    }
}

struct RemovePause: OptionalRow {
    static let sql = SQL("remove_pause", PackageResources.remove_pause_sql)
    let target: JobGroup

    func bind(to parameters: inout Parameters) {
        parameters.append(target.scope.rawValue)
        parameters.append(target.name)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Pause { try Pause(row: &row) }
}

extension Pause {
    fileprivate init(row: inout RowReader) throws(PostgresError) {
        self.init(since: try row.next(), by: try row.next(), reason: try row.nextIfPresent())
    }
}

struct CountByScope: OneRow {
    static let sql = SQL("count_by_scope", PackageResources.count_by_scope_sql)
    let target: JobGroup

    func bind(to parameters: inout Parameters) {
        parameters.append(target.scope.rawValue)
        parameters.append(target.name)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> PauseControl.Census {
        PauseControl.Census(running: try row.next(), isKnown: try row.next())
    }
}
