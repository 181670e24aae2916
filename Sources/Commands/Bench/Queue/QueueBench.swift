import Glibc
import JobQueue
import Postgres

/// Runs one load on a scratch database and reads the outcome off its tables.
struct QueueBench {
    let scratch: ScratchDatabase
    let load: QueueLoad
    let processes: Int
    let concurrency: Int
    let isPollOnly: Bool

    /// How long the jobs may take after the last was enqueued; what is not done by then is reported as lost.
    private static let patience = Duration.seconds(600)

    /// Loads, lets the workers work until nothing is left, and counts.
    func run() async throws -> QueueReport {
        let session = try await ScriptSession.open(scratch.configuration)
        defer { session.close() }
        let pool = Pool(scratch.configuration)
        defer { pool.close() }
        if load.mode.isBacklog {
            try await load.enqueue(into: pool)
            // As autovacuum would have by the time a backlog has come together.
            try await session.execute("vacuum analyze queue.live")
        }
        let start = try await Self.walPosition(session)
        let crew = QueueCrew(
            configuration: scratch.configuration,
            mode: load.mode,
            processes: processes,
            concurrency: concurrency,
            isPollOnly: isPollOnly
        )
        let wal = try await crew.work {
            try await withNotifier { notifier in
                if !load.mode.isBacklog {
                    try await wait(for: "select count(*) = \(processes) from queue.worker", session)
                    try await load.enqueue(into: pool, notifier)
                }
                // From the end, since a search from the start would walk all the rows that are gone.
                try await wait(for: "select not exists (select from queue.live order by id desc limit 1)", session)
            }
            return try await Self.walPosition(session) - start
        }
        let figures = try await QueueMeasure(pool: pool).figures(
            kind: load.mode.handler.kind,
            jobs: load.jobs,
            expectsEffects: load.mode.leavesEffects,
            until: .after(.seconds(60))
        )
        pool.close()
        return QueueReport(
            load: load,
            processes: processes,
            concurrency: concurrency,
            isPollOnly: isPollOnly,
            figures: figures,
            walBytes: wal,
            deadTuples: try await deadTuples(session)
        )
    }

    /// Lends what tells the workers, as a service has it.
    private func withNotifier<Value>(_ body: (Notifier?) async throws -> Value) async throws -> Value {
        guard !isPollOnly else { return try await body(nil) }
        let notifier = Notifier(scratch.configuration)
        return try await withThrowingTaskGroup { group in
            group.addTask { await notifier.run() }
            defer { group.cancelAll() }
            return try await body(notifier)
        }
    }

    private func wait(for condition: String, _ session: ScriptSession) async throws {
        let end = ContinuousClock.now + Self.patience
        while try await session.execute(condition) != [["t"]], ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func walPosition(_ session: ScriptSession) async throws -> Int {
        try await number("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint", session)
    }

    /// Rows of the queue's tables that are gone and not yet vacuumed.
    ///
    /// A session reports what it did at its end at the latest, so once all others are gone the count is whole.
    private func deadTuples(_ session: ScriptSession) async throws -> Int {
        try await wait(
            for: """
                select not exists (
                    select from pg_stat_activity
                    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
                )
                """,
            session
        )
        return try await Self.number(
            """
            select pg_stat_force_next_flush();
            select coalesce(sum(n_dead_tup), 0)::bigint from pg_stat_user_tables where schemaname = 'queue'
            """,
            session
        )
    }

    private static func number(_ query: String, _ session: ScriptSession) async throws -> Int {
        guard let text = try await session.execute(query).first?.first ?? nil, let number = Int(text) else {
            throw CommandFailure(.failed, "the database did not answer with a number to: \(query)")
        }
        return number
    }
}
