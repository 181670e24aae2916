import Access
import Configuration
import FoundationEssentials
import Glibc
package import JobQueue
package import Postgres
import ServiceLifecycle

/// Runs a worker of the job queue as one of a program's services.
struct WorkerService: Service {
    let worker: Worker

    func run() async throws {
        await withGracefulShutdownHandler {
            await worker.run()
        } onGracefulShutdown: {
            worker.stop()
        }
    }
}

extension Program {
    /// Starts a worker program and runs it until it is told to stop: the whole of a worker's `main`.
    ///
    /// - Parameters:
    ///   - schedules: entries of the queue's schedule that the program brings along.
    ///   - handlers: makes the handlers of the program's kinds on its pool.
    package static func runWorker(
        _ name: String,
        summary: String,
        schedules: [Schedule] = [],
        handlers: (Pool) -> [any JobHandler]
    ) async -> Never {
        let program = await start(name, summary: summary, role: .worker, switches: workerSwitches) { config, postgres in
            // Each job may hold a transaction; two more for claims and the worker's own session.
            postgres.leasedConnections = try config.concurrency + 2
        }
        var configuration = WorkerConfiguration(
            program: name,
            host: ProcessInfo.processInfo.hostName,
            processID: getpid()
        )
        configuration.schedules = schedules
        configuration.concurrency = await program.configured { try $0.concurrency }
        configuration.isPollOnly = await program.configured { try $0.flag("poll-only") }
        if !configuration.isPollOnly { configuration.wake.listener = program.database }
        let handlers = handlers(program.pool)
        let log = QueueLog(program.logger)
        let counters = QueueMetrics(kinds: handlers.map(\.kind))
        let worker = Worker(pool: program.pool, configuration: configuration, handlers: handlers) { event in
            counters.count(event)
            log.record(event)
        }
        await program.run(
            [WorkerService(worker: worker)],
            grace: configuration.grace + .seconds(5),
            metrics: [WorkerMetrics(counters, queue: QueueInspector(pool: program.pool))]
        )
    }

    private static let workerSwitches = [
        Switch("concurrency", .integer, placeholder: "N", "jobs at the same time (4)"),
        Switch("poll-only", .flag, "for a database behind a transaction pooler: use no LISTEN and no session's locks"),
    ]
}

extension ConfigReader {
    fileprivate var concurrency: Int {
        get throws { try integer("concurrency", default: 4, in: 1...256) }
    }
}
