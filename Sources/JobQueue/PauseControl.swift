package import Postgres

/// What can be paused: a kind of jobs, or everything of one park.
package struct PauseTarget: Sendable, Equatable {
    package enum Scope: String, Sendable {
        case kind
        case park
    }

    package let scope: Scope
    package let name: String

    package init(_ scope: Scope, _ name: String) {
        self.scope = scope
        self.name = name
    }
}

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
/// running jobs go on to their end. The jobs of a paused park are besides put aside by ``hold()`` so that claims need not
/// walk past them, and given back by ``free()``. Should either be cut off, every worker goes on with it.
package struct PauseControl: Sendable {
    private let pool: Pool
    /// Keeps each transaction short; about 40 ms of work on an idle machine.
    private let batch = 5000

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
        _ target: PauseTarget,
        because reason: String?
    ) async throws -> (pause: Pause, isNew: Bool) {
        try await pool.withTransaction(until: .after(.seconds(10))) { session in
            _ = try await session.execute(CloseGate(), until: .after(.seconds(5)))
            return try await session.execute(AddPause(target: target, reason: reason))
        }
    }

    /// Ends the target's pause; `nil` if it was not paused.
    package func resume(_ target: PauseTarget) async throws(PostgresError) -> Pause? {
        try await pool.execute(RemovePause(target: target), until: .after(.seconds(30)))
    }

    /// Puts the waiting jobs of every paused park aside, and returns how many.
    package func hold() async throws(PostgresError) -> Int {
        var (total, next) = (0, Int64?.some(0))
        while let after = next {
            let round = try await pool.execute(HoldJobs(after: after, count: batch), until: .after(.seconds(30)))
            (total, next) = (total + round.held, round.last)
        }
        return total
    }

    /// Gives back what was put aside for parks that are paused no more, in the order in which it will be claimed, and
    /// returns how many jobs.
    package func free() async throws(PostgresError) -> Int {
        var total = 0
        while true {
            let freed = try await pool.execute(FreeJobs(count: batch), until: .after(.seconds(30)))
            guard freed > 0 else { return total }
            total += freed
        }
    }

    package func census(of target: PauseTarget) async throws(PostgresError) -> Census {
        try await pool.execute(CountByScope(target: target), until: .after(.seconds(30)))
    }
}

/// Puts aside and gives back, a batch now and then, what operators and enqueuers left: jobs of a transaction that was under
/// way when a park was paused, jobs that failed or were rescued since, and whatever an operator's command was cut off from.
struct PauseKeeper {
    let pool: Pool
    /// Bounds what a look costs while a park is paused: some 4 ms a second.
    var batch = 10_000
    private var after: Int64 = 0

    init(pool: Pool) { self.pool = pool }

    /// Looks every second until the task is cancelled. A database that does not answer is somebody else's to report.
    static func lookRegularly(_ pool: Pool) async {
        var keeper = PauseKeeper(pool: pool)
        while !Task.isCancelled {
            try? await keeper.look()
            await Worker.pause(.seconds(1))
        }
    }

    /// Does one batch of either.
    mutating func look() async throws(PostgresError) {
        let round = try await pool.execute(HoldJobs(after: after, count: batch), until: .after(.seconds(5)))
        after = round.last ?? 0
        _ = try await pool.execute(FreeJobs(count: batch), until: .after(.seconds(5)))
    }
}

struct CloseGate: Command {
    static let sql = SQL("close_gate", PackageResources.close_gate_sql)
}

struct AddPause: OneRow {
    static let sql = SQL("add_pause", PackageResources.add_pause_sql)
    let target: PauseTarget
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
    let target: PauseTarget

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
    let target: PauseTarget

    func bind(to parameters: inout Parameters) {
        parameters.append(target.scope.rawValue)
        parameters.append(target.name)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> PauseControl.Census {
        PauseControl.Census(running: try row.next(), isKnown: try row.next())
    }
}

struct HoldJobs: OneRow {
    static let sql = SQL("hold_jobs", PackageResources.hold_jobs_sql)
    let after: Int64
    let count: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(after)
        parameters.append(Int32(clamping: count))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (last: Int64?, held: Int) {
        (try row.nextIfPresent(), try row.next())
    }
}

struct FreeJobs: OneRow {
    static let sql = SQL("free_jobs", PackageResources.free_jobs_sql)
    let count: Int

    func bind(to parameters: inout Parameters) { parameters.append(Int32(clamping: count)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}
