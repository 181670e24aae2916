import Postgres
import Synchronization
import TestSupport
import Testing

@testable import JobQueue

/// Listeners and workers with listeners. A database each, since all of it hears.
@Suite("A listener", .needsServer, .timeLimit(.minutes(2)))
struct WakeListenerTests {
    private struct Handler: JobHandler {
        let kind = "mine"

        func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished { try await lease.finish() }
    }

    /// Waits as long as the test may take.
    private static let forever = Duration.seconds(3600)

    private static func say(_ kind: String, on observer: ServerObserver) async throws {
        try await observer.execute("select pg_notify('queue_wake', '\(kind)')")
    }

    private func withListener(
        on database: TestDatabase,
        over listened: PostgresConfiguration,
        _ settings: WakeConfiguration,
        _ body: (WakeListener, WakeUp, EventLog<QueueEvent>) async throws -> Void
    ) async throws {
        try await database.withPool { pool in
            let (wakeUp, log) = (WakeUp(), EventLog<QueueEvent>())
            let listener = WakeListener(
                pool: pool,
                listener: listened,
                settings: settings,
                kinds: ["mine", "another"],
                wakeUp: wakeUp
            ) { log.record($0) }
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await listener.run() }
                try await body(listener, wakeUp, log)
                group.cancelAll()
            }
        }
    }

    @Test("is trusted once it has heard itself, and calls for its own kinds and for all")
    func calls() async throws {
        try await withDatabase { database in
            let observer = try await database.observer()
            defer { observer.close() }
            var settings = WakeConfiguration()
            settings.echoInterval = Self.forever
            try await withListener(on: database, over: database.configuration, settings) { listener, wakeUp, log in
                try await log.first { $0.isListening }
                #expect(listener.isTrusted)
                // For having begun to listen, since jobs may have come before, and for being trusted.
                #expect(wakeUp.isCalled)
                for kind in ["mine", "another", NotifyListeners.everyKind] {
                    await wakeUp.wait()
                    try await Self.say(kind, on: observer)
                }
                await wakeUp.wait()
                #expect(listener.concerns("mine") && listener.concerns("another"))
                #expect(!listener.concerns("other") && !listener.concerns("min") && !listener.concerns("mine,another"))
            }
        }
    }

    @Test("that nothing reaches any more is not trusted, is replaced, and hears again")
    func deaf() async throws {
        try await withDatabase { database in
            let observer = try await database.observer()
            defer { observer.close() }
            try await withProxiedListener(on: database) { proxy, listened, settings in
                try await withListener(on: database, over: listened, settings) { listener, wakeUp, log in
                    try await log.first { $0.isListening }
                    let connections = proxy.accepted
                    proxy.set(.swallow)
                    try await log.first { $0.isDeaf }
                    proxy.set(.forward)
                    // What tries to connect through a silent line.
                    proxy.cut()
                    try await log.first { $0.isListening }
                    #expect(proxy.accepted > connections)
                    #expect(listener.isTrusted)
                    await wakeUp.wait()
                    try await Self.say("mine", on: observer)
                    await wakeUp.wait()
                }
            }
        }
    }

    /// R5 of the queue's design.
    @Test("that nothing reaches any more does not keep its worker from its jobs")
    func blackhole() async throws {
        let drill = Drill("R5")
        let pickup = LongestSpan()
        try await withDatabase { database in
            try await database.migrate()
            try await withProxiedListener(on: database) { proxy, listened, settings in
                var settings = settings
                settings.listener = listened
                try await withWorker(on: database, settings) { _, observer, log in
                    try await log.first { $0.isListening }
                    proxy.set(.swallow)
                    for _ in 0..<3 { try await pickup.measure { try await expectDone(on: observer) } }
                    try await log.first { $0.isDeaf }
                    for _ in 0..<3 { try await pickup.measure { try await expectDone(on: observer) } }
                    proxy.set(.forward)
                    proxy.cut()
                    try await log.first { $0.isListening }
                    try await expectDone(on: observer)
                }
            }
            drill.report(["jobs while it was deaf": 6, "each done within s": pickup.seconds])
        }
    }

    @Test("that hears while a claim is under way has its worker look once more")
    func duringClaim() async throws {
        try await withDatabase { database in
            try await database.migrate()
            let holder = try await database.observer()
            defer { holder.close() }
            // Stops each claim after it has taken its look at the queue.
            try await holder.execute(
                """
                alter function queue.claim set schema public;
                do $do$
                declare
                    claim regproc := 'public.claim'::regproc;
                    arguments text := (
                        select string_agg('$' || n, ', ') from pg_proc, generate_series(1, pronargs) as n where oid = claim
                    );
                begin
                    execute format(
                        $$
                            create function queue.claim(%s) returns %s language plpgsql as $body$
                            begin
                                return query select * from public.claim(%s);
                                perform pg_advisory_xact_lock_shared(44);
                            end
                            $body$
                        $$,
                        pg_get_function_arguments(claim), pg_get_function_result(claim), arguments
                    );
                end
                $do$;
                select pg_advisory_lock(44)
                """
            )
            var settings = WakeConfiguration()
            settings.listener = database.configuration
            settings.pollInterval = Self.forever
            try await withWorker(on: database, settings) { worker, observer, log in
                try await observer.wait(
                    for: """
                        exists (
                            select from pg_stat_activity where datname = current_database() and query like '-- claim_jobs%'
                                and wait_event = 'advisory'
                        )
                        """
                )
                try await log.first { $0.isListening }
                let job = try await observer.value("select id from queue.enqueue('mine', '{}')") ?? ""
                // Whatever called before is told apart by this.
                while await worker.wakeUp.wait(atMost: .zero) {}
                try await Self.say("mine", on: observer)
                while !worker.wakeUp.isCalled { try await observer.execute("select pg_sleep(0.01)") }
                #expect(try await observer.value("select state from queue.job where id = \(job)") == "ready")
                try await holder.execute("select pg_advisory_unlock(44)")
                try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
            }
        }
    }

    // MARK: Support

    /// A listener's connection that can be silenced, and settings under which that is found out soon.
    private func withProxiedListener(
        on database: TestDatabase,
        _ body: (Proxy, PostgresConfiguration, WakeConfiguration) async throws -> Void
    ) async throws {
        let proxy = try Proxy(to: database.conninfo)
        defer { proxy.close() }
        var listened = database.configuration
        listened.connectionString = proxy.conninfo(database.conninfo).text
        var settings = WakeConfiguration()
        settings.pollInterval = Self.forever
        settings.echoInterval = .milliseconds(20)
        settings.echoPatience = .milliseconds(500)
        try await body(proxy, listened, settings)
    }

    private func withWorker(
        on database: TestDatabase,
        _ settings: WakeConfiguration,
        _ body: (Worker, ServerObserver, EventLog<QueueEvent>) async throws -> Void
    ) async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(shared: 1, leased: 6) { pool in
            var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
            configuration.wake = settings
            // It sees new jobs too, and would hide that nothing was heard.
            configuration.heartbeatInterval = Self.forever
            configuration.silence = Self.forever
            let log = EventLog<QueueEvent>()
            let worker = Worker(pool: pool, configuration: configuration, handlers: [Handler()]) { log.record($0) }
            async let run: Void = worker.run()
            try await body(worker, observer, log)
            worker.stop()
            await run
        }
    }

    /// Enqueues a job as plain SQL and tells the workers, whether or not they hear.
    private func expectDone(on observer: ServerObserver) async throws {
        let job = try await observer.value("select id from queue.enqueue('mine', '{}')") ?? ""
        try await Self.say("mine", on: observer)
        try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
    }
}

extension QueueEvent {
    fileprivate var isListening: Void? { if case .listening = self { () } else { nil } }

    fileprivate var isDeaf: Void? { if case .deaf = self { () } else { nil } }
}
