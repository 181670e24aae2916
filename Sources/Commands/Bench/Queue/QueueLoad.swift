import ArgumentParser
import JobQueue
import Postgres

/// What a bench gives the workers to do, and how fast.
struct QueueLoad: Sendable {
    /// What is measured.
    enum Mode: String, ExpressibleByArgument, CaseIterable, Sendable {
        case drain
        case effect
        case mixed
        case latency

        /// Whether the jobs are there before the workers are.
        var isBacklog: Bool {
            switch self {
            case .drain, .effect: true
            case .mixed, .latency: false
            }
        }

        /// Whether each job leaves a row.
        var leavesEffects: Bool { self == .effect }

        var handler: any JobHandler { leavesEffects ? ProbeHandler() : IdleHandler() }
    }

    let mode: Mode
    let jobs: Int
    /// Jobs per second.
    let rate: Double

    init(mode: Mode, jobs: Int, rate: Int?, seconds: Int) {
        self.mode = mode
        self.rate = rate.map(Double.init) ?? Double(jobs) / Double(seconds)
        self.jobs = mode.isBacklog ? jobs : rate.map { $0 * seconds } ?? jobs
    }

    /// Enqueues every job.
    func enqueue(into pool: Pool, _ notifier: Notifier? = nil) async throws {
        switch mode {
        case .drain, .effect: try await enqueue(jobs, into: pool)
        case .mixed:
            var pace = Pace(jobs: jobs, rate: rate)
            while let due = try await pace.next() {
                try await enqueue(due, into: pool)
                notifier?.mark(mode.handler.kind)
            }
        case .latency:
            let kind = mode.handler.kind
            try await withThrowingDiscardingTaskGroup { group in
                var pace = Pace(jobs: jobs, rate: rate)
                while let due = try await pace.next() {
                    for _ in 0..<due {
                        group.addTask {
                            let job = NewJob(kind: kind, payload: JSONText("{}"))
                            _ = try await pool.withSession(until: .after(.seconds(30))) { try await $0.enqueue(job) }
                            notifier?.mark(kind)
                        }
                    }
                }
            }
        }
    }

    private func enqueue(_ count: Int, into pool: Pool) async throws {
        try await QueueMeasure(pool: pool)
            .enqueue(count, kind: mode.handler.kind, payload: JSONText("{}"), until: .after(.seconds(300)))
    }
}

/// Hands out jobs at their times, however long the caller takes with them: an open loop.
private struct Pace {
    private let jobs: Int
    private let rate: Double
    private let start = ContinuousClock.now
    private var handedOut = 0

    init(jobs: Int, rate: Double) {
        self.jobs = jobs
        self.rate = rate
    }

    /// Waits until the next job is due and says how many came due meanwhile; `nil` after the last.
    mutating func next() async throws -> Int? {
        guard handedOut < jobs else { return nil }
        try await Task.sleep(until: start + .seconds(Double(handedOut) / rate), clock: .continuous)
        let elapsed = start.duration(to: .now) / .seconds(1)
        let due = max(1, min(jobs, Int(elapsed * rate) + 1) - handedOut)
        handedOut += due
        return due
    }
}

/// Does nothing, so that the queue's own cost is all there is.
struct IdleHandler: JobHandler {
    let kind = "idle"

    func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished { try await lease.finish() }
}
