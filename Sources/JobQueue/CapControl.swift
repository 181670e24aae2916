package import Postgres

/// How many jobs of a kind or a park may run at once, and how many may start in a second.
package struct Cap: Sendable {
    package var running: Int?
    /// Starts a second, on average.
    package var rate: Double?
    /// How many may start at once after a quiet time, where there is a rate.
    package var burst: Int

    /// - Precondition: there is a positive `running` or a positive, finite `rate`, and `burst` is positive.
    package init(running: Int? = nil, rate: Double? = nil, burst: Int? = nil) {
        precondition(running != nil || rate != nil, "a cap without a number caps nothing")
        precondition(running ?? 1 > 0 && rate ?? 1 > 0 && (rate ?? 1).isFinite && burst ?? 1 > 0)
        self.running = running
        self.rate = rate
        self.burst = burst ?? max(1, Int((rate ?? 1).rounded(.up)))
    }
}

/// Sets caps and lifts them. They hold exactly, over all processes, from the moment that ``set(_:to:)`` has returned, but for
/// jobs that run already.
package struct CapControl: Sendable {
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    /// Sets the target's cap; it replaces one that is there.
    package func set(_ target: JobGroup, to cap: Cap) async throws {
        try await pool.withTransaction(until: .after(.seconds(10))) { session in
            _ = try await session.execute(CloseGate(), until: .after(.seconds(5)))
            _ = try await session.execute(SetCap(target: target, cap: cap))
        }
    }

    /// Lifts the target's cap; false if it had none.
    package func remove(_ target: JobGroup) async throws(PostgresError) -> Bool {
        let wasCapped = try await pool.execute(RemoveCap(target: target), until: .after(.seconds(30))) != nil
        if wasCapped { await Notifier.wakeAll(over: pool) }
        return wasCapped
    }
}

struct SetCap: Command {
    static let sql = SQL("set_cap", PackageResources.set_cap_sql)
    let target: JobGroup
    let cap: Cap

    func bind(to parameters: inout Parameters) {
        parameters.append(target.scope.rawValue)
        parameters.append(target.name)
        parameters.append(cap.running.map { Int32(clamping: $0) })
        parameters.append(cap.rate)
        parameters.append(Int32(clamping: cap.burst))
    }
}

struct RemoveCap: OptionalRow {
    static let sql = SQL("remove_cap", PackageResources.remove_cap_sql)
    let target: JobGroup

    func bind(to parameters: inout Parameters) {
        parameters.append(target.scope.rawValue)
        parameters.append(target.name)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> String { try row.next() }
}
