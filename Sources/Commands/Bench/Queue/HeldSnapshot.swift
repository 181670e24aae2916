import ArgumentParser
import Postgres

/// A transaction that stays open: as long as it does, no row that dies can be vacuumed. A forgotten session or a long
/// report does that to a queue.
struct HeldSnapshot {
    /// What the transaction has done before it was forgotten.
    enum Kind: String, ExpressibleByArgument, CaseIterable, Sendable {
        /// It has looked at nothing of the queue.
        case idle
        /// It has read all the queue's tables, and so holds locks on them that a truncation waits for.
        case read
    }

    /// What the server shows as the session's name.
    static let applicationName = "amenity bench snapshot"

    private let session: ScriptSession

    /// Takes the snapshot.
    init(_ kind: Kind, on configuration: PostgresConfiguration) async throws {
        var configuration = configuration
        configuration.applicationName = Self.applicationName
        session = try await ScriptSession.open(configuration)
        // The snapshot is taken by the first statement after BEGIN.
        try await session.execute(
            """
            set statement_timeout = 0; set idle_in_transaction_session_timeout = 0;
            begin isolation level repeatable read;
            select 1;
            """
        )
        guard kind == .read else { return }
        try await session.execute(
            """
            do $$ declare name text; begin
                for name in select oid::regclass from pg_class
                    where relnamespace = 'queue'::regnamespace and relkind in ('r', 'p')
                loop
                    execute format('select from %s limit 1', name);
                end loop;
            end $$
            """
        )
    }

    /// Lets go.
    ///
    /// - Throws: when somebody has ended the transaction meanwhile, and the run did not measure what it should.
    func release() async throws {
        defer { session.close() }
        do {
            try await session.execute("select 1; commit")
        } catch {
            throw CommandFailure(.failed, "the transaction that was to hold a snapshot was ended by somebody: \(error)")
        }
    }
}
