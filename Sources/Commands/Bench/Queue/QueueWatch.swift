import Glibc
import Postgres

/// Looks at the server that a bench runs on, from outside the queue.
struct QueueWatch {
    private let session: ScriptSession
    /// `nil` where the server runs on another machine.
    private let postmaster: pid_t?

    /// A moment, and what had been used until then.
    struct Mark {
        fileprivate let instant = ContinuousClock.now
        fileprivate let wal: Int
        fileprivate let server: Double?
        fileprivate let clients: Double
    }

    /// What was used between two moments.
    struct Usage {
        let seconds: Double
        let walBytes: Int
        /// Seconds of processor time of the whole cluster; `nil` where it runs on another machine.
        let serverSeconds: Double?
        /// Seconds of processor time of the worker processes, or of the one that puts jobs in.
        let clientSeconds: Double
    }

    /// One table of the queue.
    struct Table {
        let name: String
        /// With its indexes.
        let bytes: Int
        /// Rows that are gone and not yet vacuumed.
        let dead: Int

        /// Whether its rows go as soon as their jobs end; what is kept afterwards grows in any case.
        var isHot: Bool { name != "probe_effect" && !Self.kept.contains { name.hasPrefix($0) } }

        private static let kept = ["outcome", "ended", "dead"]
    }

    /// How long something may take that should happen; what is not done by then is reported as lost.
    private static let patience = Duration.seconds(600)

    static func open(_ configuration: PostgresConfiguration) async throws -> QueueWatch {
        let session = try await ScriptSession.open(configuration)
        let backend = try await session.execute("select pg_backend_pid()").first?.first ?? nil
        return QueueWatch(
            session: session,
            postmaster: backend.flatMap { pid_t($0) }.flatMap(ProcessorTime.postmaster(ofBackend:))
        )
    }

    func close() { session.close() }

    /// Waits until an SQL condition holds.
    func wait(for condition: String) async throws {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            let start = ContinuousClock.now
            if try await session.execute("select \(condition)") == [["t"]] { return }
            // To look takes a twentieth of a session's time at most, or it would be part of what is measured.
            try await Task.sleep(for: max(.milliseconds(20), start.duration(to: .now) * 20))
        }
    }

    /// Waits until no job is left to be done.
    func waitUntilDrained() async throws {
        try await wait(
            for: "not exists (select from queue.job where state in ('scheduled', 'ready', 'running', 'failed'))"
        )
    }

    /// As autovacuum would have by the time a backlog has come together.
    func vacuum() async throws { try await session.execute("vacuum analyze queue.live") }

    func mark(clients: [pid_t] = []) async throws -> Mark {
        let text = try await session.execute("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
        return Mark(
            wal: Int((text.first?.first ?? nil) ?? "") ?? 0,
            server: postmaster.flatMap(ProcessorTime.seconds(ofServer:)),
            clients: clients.reduce(0) { $0 + (ProcessorTime.seconds(of: $1) ?? 0) }
        )
    }

    func usage(since start: Mark, clients: [pid_t] = []) async throws -> Usage {
        let end = try await mark(clients: clients)
        return Usage(
            seconds: start.instant.duration(to: end.instant) / .seconds(1),
            walBytes: end.wal - start.wal,
            serverSeconds: end.server.flatMap { end in start.server.map { end - $0 } },
            clientSeconds: end.clients - start.clients
        )
    }

    /// The queue's tables, when everybody else but a held snapshot has gone: a session reports what it did at its end at
    /// the latest.
    func tables() async throws -> [Table] {
        try await wait(
            for: """
                not exists (
                    select from pg_stat_activity
                    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
                        and application_name <> '\(HeldSnapshot.applicationName)'
                )
                """
        )
        let rows = try await session.execute(
            """
            select pg_stat_force_next_flush();
            select relname, pg_total_relation_size(relid), n_dead_tup
            from pg_stat_user_tables where schemaname = 'queue' order by relname
            """
        )
        return rows.compactMap { row in
            guard row.count == 3, let name = row[0], let bytes = row[1].flatMap({ Int($0) }),
                let dead = row[2].flatMap({ Int($0) })
            else { return nil }
            return Table(name: name, bytes: bytes, dead: dead)
        }
    }
}
