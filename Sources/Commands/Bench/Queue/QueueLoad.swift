import ArgumentParser
import Postgres

/// What a bench gives the workers to do, and how fast.
struct QueueLoad: Sendable {
    /// What is measured.
    enum Mode: String, ExpressibleByArgument, CaseIterable, Sendable {
        case drain
        case effect
        case mixed
        case latency
        case enqueue
        case bulk
        case idle

        /// Whether workers work on jobs.
        var hasWorkers: Bool {
            switch self {
            case .drain, .effect, .mixed, .latency: true
            case .enqueue, .bulk, .idle: false
            }
        }

        /// Whether the jobs come at a rate.
        var isPaced: Bool {
            switch self {
            case .mixed, .latency: true
            case .drain, .effect, .enqueue, .bulk, .idle: false
            }
        }
    }

    /// What the jobs are called, as in `MeasuredHandler`.
    static let kind = "measured"

    let mode: Mode
    /// Whether each job of `effect` has a transaction of its own.
    let isUngrouped: Bool
    /// Whether `enqueue` begins a transaction and commits it.
    let isInTransaction: Bool
    /// Whether nobody is told of new jobs and no session holds a lock.
    let isPollOnly: Bool
    let jobs: Int
    /// Jobs in one statement of `bulk`.
    let batch: Int
    /// Jobs per second of the paced modes.
    let rate: Double
    let seconds: Int
    let payload: JSONText

    init(
        mode: Mode,
        isUngrouped: Bool,
        isInTransaction: Bool,
        isPollOnly: Bool,
        jobs: Int,
        batch: Int,
        rate: Int?,
        seconds: Int,
        payload: JSONText
    ) {
        self.mode = mode
        self.isUngrouped = isUngrouped
        self.isInTransaction = isInTransaction
        self.isPollOnly = isPollOnly
        self.batch = batch
        self.rate = rate.map(Double.init) ?? Double(jobs) / Double(seconds)
        self.seconds = seconds
        self.payload = payload
        self.jobs =
            switch mode {
            case .drain, .effect, .enqueue, .bulk: jobs
            case .mixed, .latency: rate.map { $0 * seconds } ?? jobs
            case .idle: 0
            }
    }
}
