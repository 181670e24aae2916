import Configuration
import FoundationEssentials
import Glibc
package import JobQueue
import Logging
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
        let concurrency = Switch("concurrency", .integer, placeholder: "N", "jobs at the same time (4)")
        let program = await start(name, summary: summary, switches: [concurrency]) { config, postgres in
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
        let logger = program.logger
        let worker = Worker(
            pool: program.pool,
            configuration: configuration,
            handlers: handlers(program.pool)
        ) { logger.record($0) }
        await program.run([WorkerService(worker: worker)], grace: configuration.grace + .seconds(5))
    }
}

extension ConfigReader {
    fileprivate var concurrency: Int {
        get throws { try integer("concurrency", default: 4, in: 1...256) }
    }
}

extension Logger {
    /// One line for what an operator should see of a worker; payloads and texts never stand in it.
    fileprivate func record(_ event: QueueEvent) {
        switch event {
        case .registered(let worker): notice("registered", metadata: ["worker": "\(worker)"])
        case .finished(let kind, let job):
            info("job finished", metadata: ["job.kind": "\(kind)", "job.id": "\(job)"])
        case .failed(let kind, let job, let state, let reason):
            warning(
                "job failed",
                metadata: [
                    "job.kind": "\(kind)", "job.id": "\(job)", "job.state": "\(state)", "error": "\(reason)",
                ]
            )
        case .snoozed(let kind, let job):
            info("job put off", metadata: ["job.kind": "\(kind)", "job.id": "\(job)"])
        case .cancelled(let kind, let job):
            notice("job cancelled", metadata: ["job.kind": "\(kind)", "job.id": "\(job)"])
        case .rotated: notice("a held snapshot keeps finished jobs from being cleaned up; see amenity queue status")
        case .leaseLost(let kind, let job):
            warning("job was given to another worker", metadata: ["job.kind": "\(kind)", "job.id": "\(job)"])
        case .rescued(let freed, let quarantined):
            notice("jobs rescued", metadata: ["freed": "\(freed)", "quarantined": "\(quarantined)"])
        case .scheduleFired(let name, let jobs):
            info("schedule fired", metadata: ["schedule": "\(name)", "jobs": "\(jobs)"])
        case .scheduleFailed(let name, let reason):
            warning("schedule can't be fired", metadata: ["schedule": "\(name)", "error": "\(reason)"])
        case .databaseTrouble(let reason): warning("database trouble", metadata: ["error": "\(reason)"])
        case .stopped: notice("stopped")
        }
    }
}
