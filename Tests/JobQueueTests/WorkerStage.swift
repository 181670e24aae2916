import JobQueue
import Postgres
import TestSupport
import Testing

/// A handler made of a closure.
struct ClosureHandler: JobHandler {
    let kind: String
    let body: @Sendable (Job, consuming Lease) async throws -> Finished

    func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished { try await body(job, lease) }
}

/// Whole workers in this process against a real queue. Each test has a kind of its own, so they may run side by side.
protocol WorkerStage {}

extension WorkerStage {
    /// Runs a worker until the body has returned.
    func withWorker(
        _ handlers: [any JobHandler],
        configure: (inout WorkerConfiguration) -> Void = { _ in },
        _ body: (ServerObserver, EventLog<QueueEvent>) async throws -> Void
    ) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(shared: 1, leased: 6) { pool in
            var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
            configuration.retry.base = .zero
            configure(&configuration)
            let log = EventLog<QueueEvent>()
            let worker = Worker(pool: pool, configuration: configuration, handlers: handlers) { log.record($0) }
            async let run: Void = worker.run()
            try await body(observer, log)
            worker.stop()
            await run
        }
    }

    func enqueue(_ kind: String, on observer: ServerObserver) async throws -> Int64 {
        let id = try await observer.value("select id from queue.enqueue('\(kind)', '{}')")
        return try #require(id.flatMap { Int64($0) })
    }

    func effects(of job: Int64, on observer: ServerObserver) async throws -> String? {
        try await observer.value("select count(*) from queue.probe_effect where job = \(job)")
    }

    static func leaveEffect(_ job: Int64) -> SQL {
        SQL("effect", "insert into queue.probe_effect (job, attempt, worker) values (\(job), 1, 'test')")
    }
}
