package import Postgres

/// A clock for tests, which the whole queue of a database goes by: every worker, every producer and every operator, in
/// whatever process, since the queue knows no clock but the database's.
///
/// There is no way back to the true clock: use it in a database that is thrown away. The pool's role must own the queue's
/// schema.
package struct FakeClock: Sendable {
    private let pool: Pool

    /// Takes over the queue's clock, which goes on as it did.
    package init(in pool: Pool) async throws(PostgresError) {
        self.pool = pool
        _ = try await pool.execute(CreateFakeClock(), until: .after(.seconds(10)))
        _ = try await pool.execute(UseFakeClock(), until: .after(.seconds(10)))
    }

    /// Sets the clock to go a span ahead of the true time, or behind it.
    package func run(ahead span: Duration) async throws(PostgresError) {
        _ = try await pool.execute(ShiftFakeClock(span: span, isFrozen: false), until: .after(.seconds(10)))
    }

    /// Stops the clock, a span ahead of when it was first stopped.
    package func stop(ahead span: Duration = .zero) async throws(PostgresError) {
        _ = try await pool.execute(ShiftFakeClock(span: span, isFrozen: true), until: .after(.seconds(10)))
    }
}

struct CreateFakeClock: Command {
    static let sql = SQL("create_fake_clock", PackageResources.create_fake_clock_sql)
}

struct UseFakeClock: Command {
    static let sql = SQL("use_fake_clock", PackageResources.use_fake_clock_sql)
}

struct ShiftFakeClock: Command {
    static let sql = SQL("shift_fake_clock", PackageResources.shift_fake_clock_sql)
    let span: Duration
    let isFrozen: Bool

    func bind(to parameters: inout Parameters) {
        parameters.append(Interval(span))
        parameters.append(isFrozen)
    }
}
