import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// The server lets one transaction at a time commit a notification (a lock on object 0 of database 0). R14 of the queue's
/// design, without chance: one such commit is kept from ending, which a standby that never answers does.
@Suite(
    "While a commit with a notification stands still",
    .needsServer,
    .enabled(if: PrivateCluster.isAvailable, "a cluster of its own needs ./dev and PostgreSQL's programs"),
    .timeLimit(.minutes(2))
)
struct NotifyLockTests {
    private static let lock = """
        from pg_locks where locktype = 'object' and database = 0 and classid = 'pg_database'::regclass and objid = 0
        """
    /// Sessions that wait for it, but for the notifier's.
    private static let held = """
        (select count(*) \(lock) and not granted and pid not in (
            select pid from pg_stat_activity where query like '-- notify_listeners%'
        ))
        """
    private static let deadline = Duration.seconds(60)

    private func withStuckNotification(
        _ body: (TestDatabase, ServerObserver, _ release: () async throws -> Void) async throws -> Void
    ) async throws {
        try await withCluster { cluster in
            var administrator = cluster.conninfo
            administrator["user"] = "postgres"
            let configuration = PostgresConfiguration(connectionString: administrator.text, applicationName: "tests")
            let observer = try await ServerObserver(configuration)
            defer { observer.close() }
            let database = cluster.database
            try await database.migrate()
            try await observer.execute("alter database \(database.name) set synchronous_commit = local")
            try await observer.execute("alter system set synchronous_standby_names = 'nobody'")
            try await observer.execute("select pg_reload_conf()")
            let holder = try await ServerObserver(configuration)
            defer { holder.close() }
            try await holder.execute("set synchronous_commit = on")
            // A commit that writes nothing but a notification would not wait for the standby.
            let notifying = "select pg_notify('blocker', ''), pg_logical_emit_message(true, 'blocker', '')"
            // Until the server has taken its new setting in, commits still end.
            let stuck = Task { while !Task.isCancelled { try await holder.execute(notifying) } }
            defer { stuck.cancel() }
            try await observer.wait(for: "exists (select from pg_stat_activity where wait_event = 'SyncRep')")
            #expect(try await observer.value("select count(*) \(Self.lock) and granted") == "1")
            try await body(database, observer) {
                stuck.cancel()
                // It is committed here by then, and the server says so with a warning.
                try await observer.execute(
                    "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"
                )
                try await stuck.value
            }
        }
    }

    @Test("a thousand tasks enqueue and commit, none of them waits, and the workers are told afterwards")
    func afterCommit() async throws {
        let drill = Drill("R14")
        try await withStuckNotification { database, observer, release in
            let heard = EventLog<String>()
            let listener = Task {
                for await event in Notifications(database.configuration, channels: ["queue_wake"]).events() {
                    if case .notification(let notification) = event { heard.record(notification.payload) }
                }
            }
            defer { listener.cancel() }
            let notifier = Notifier(database.configuration)
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await notifier.run() }
                try await database.withPool(leased: 16) { pool in
                    try await withThrowingDiscardingTaskGroup { producers in
                        for _ in 0..<1000 {
                            producers.addTask {
                                try await pool.withTransaction(until: .after(Self.deadline)) { session in
                                    _ = try await session.enqueue(NewJob(kind: "many", payload: JSONText("{}")))
                                }
                                notifier.mark("many")
                            }
                        }
                        try await observer.wait(for: "exists (select \(Self.lock) and not granted)")
                        #expect(try await observer.value("select \(Self.held)") == "0")
                    }
                }
                // All are in, and nobody can have said a word.
                #expect(try await observer.value("select count(*) from queue.live") == "1000")
                #expect(try await observer.value("select count(*) \(Self.lock) and granted") == "1")
                let waiting = try await observer.value("select \(Self.held)")
                #expect(waiting == "0")
                drill.report(["producers": 1000, "that waited for the lock": waiting ?? ""])
                try await release()
                #expect(try await heard.next() == "many")
                group.cancelAll()
            }
        }
    }

    @Test("enqueueing with a notification in the same transaction would wait: the look above is not blind")
    func withinTransaction() async throws {
        try await withStuckNotification { database, observer, release in
            try await database.withPool(leased: 8) { pool in
                try await withThrowingDiscardingTaskGroup { producers in
                    for _ in 0..<8 {
                        producers.addTask {
                            try await pool.withTransaction(until: .after(Self.deadline)) { session in
                                _ = try await session.enqueue(NewJob(kind: "many", payload: JSONText("{}")))
                                _ = try await session.command(SQL("notify", "notify queue_wake, 'many'"))
                            }
                        }
                    }
                    try await observer.wait(for: "\(Self.held) = 8")
                    #expect(try await observer.value("select count(*) from queue.live") == "0")
                    try await release()
                }
                #expect(try await observer.value("select count(*) from queue.live") == "8")
            }
        }
    }
}
