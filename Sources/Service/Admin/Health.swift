package import Postgres
import Synchronization

/// Whether a program can do its work, as `/ready` and `system.health` tell it.
package final class Health: Sendable {
    /// A look at the program's state.
    package struct Readiness: Sendable {
        package let isDraining: Bool
        /// Why the database cannot be used; `nil` when it answered.
        package let database: String?
        /// The number of the last migration of its schema, where the database told.
        package var migration: Int?

        package var isReady: Bool { !isDraining && database == nil }

        /// Why the program is not ready, in a few words.
        package var reason: String? { isDraining ? "shutting down" : database }
    }

    private let pool: Pool
    private let draining = Atomic(false)

    package init(pool: Pool) { self.pool = pool }

    /// Set once, when the program begins to stop.
    package func startDraining() { draining.store(true, ordering: .releasing) }

    package var isDraining: Bool { draining.load(ordering: .acquiring) }

    /// Asks the database, for at most a second.
    package func check() async -> Readiness {
        var readiness = Readiness(isDraining: isDraining, database: await databaseFault())
        guard readiness.database == nil else { return readiness }
        readiness.migration = try? await pool.execute(LastMigration(), until: .after(.seconds(1)))
        return readiness
    }

    private func databaseFault() async -> String? {
        do {
            try await pool.check(until: .after(.seconds(1)))
            return nil
        } catch {
            switch error {
            case .timedOut: return "the database did not answer within a second"
            case .server(let server): return "the database refused: \(server.sqlState)"
            case .connection, .commitUnknown, .rolledBack, .cancelled, .decoding, .poolClosed:
                return "the database can't be reached"
            }
        }
    }
}
