import JobQueue
import Logging

/// One line for what an operator should see of a worker; payloads and texts never stand in it. A job's line has the id of
/// the service's call that had it put in (`rid`, as in the service's own log), where there was one.
///
/// Everything but a job's good end is told always. Of good ends, all up to 200 a second and one in a hundred beyond: a line
/// costs more than a quick job.
final class QueueLog: Sendable {
    private let logger: Logger
    private let finished = LogWindow()

    private static let everyoneUpTo: UInt64 = 200
    private static let oneIn: UInt64 = 100

    init(_ logger: Logger) { self.logger = logger }

    /// - Parameter second: the current one, of any clock.
    func record(_ event: QueueEvent, second: UInt64 = QueueLog.second) {
        switch event {
        case .registered(let worker): logger.notice("registered", metadata: ["worker": "\(worker)"])
        case .finished(let run):
            guard logger.logLevel <= .info, wantsFinished(second) else { return }
            logger.info("job finished", metadata: Self.metadata(run))
        case .failed(let run, let state, let reason):
            let more: Logger.Metadata = ["job.state": "\(state)", "error": "\(reason)"]
            logger.warning("job failed", metadata: Self.metadata(run).merging(more) { $1 })
        case .snoozed(let run): logger.info("job put off", metadata: Self.metadata(run))
        case .cancelled(let run): logger.notice("job cancelled", metadata: Self.metadata(run))
        case .leaseLost(let run): logger.warning("job was given to another worker", metadata: Self.metadata(run))
        case .rotated:
            logger.notice("a held snapshot keeps finished jobs from being cleaned up; see amenity queue status")
        case .rescued(let freed, let quarantined):
            logger.notice("jobs rescued", metadata: ["freed": "\(freed)", "quarantined": "\(quarantined)"])
        case .scheduleFired(let name, let jobs):
            logger.info("schedule fired", metadata: ["schedule": "\(name)", "jobs": "\(jobs)"])
        case .scheduleFailed(let name, let reason):
            logger.warning("schedule can't be fired", metadata: ["schedule": "\(name)", "error": "\(reason)"])
        case .listening: logger.notice("told of new jobs")
        case .deaf(let reason):
            logger.warning("not told of new jobs; polling for them", metadata: ["error": "\(reason)"])
        case .databaseTrouble(let reason): logger.warning("database trouble", metadata: ["error": "\(reason)"])
        case .stopped: logger.notice("stopped")
        }
    }

    private func wantsFinished(_ second: UInt64) -> Bool {
        let count = finished.count(second)
        return count <= Self.everyoneUpTo || count % Self.oneIn == 0
    }

    static var second: UInt64 { UInt64(clamping: start.duration(to: .now).components.seconds) }
    private static let start = ContinuousClock.now

    private static func metadata(_ run: JobRun) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "job.kind": "\(run.kind)", "job.id": "\(run.job)", "waited_ms": "\(milliseconds(run.waited))",
            "ms": "\(milliseconds(run.ran))",
        ]
        if let origin = run.origin { metadata["rid"] = "\(origin)" }
        return metadata
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        (duration / .microseconds(1)).rounded() / 1000
    }
}
