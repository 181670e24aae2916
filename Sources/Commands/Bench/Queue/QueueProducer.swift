import JobQueue
import Postgres

/// Puts the jobs of a load into the queue.
struct QueueProducer: Sendable {
    let pool: Pool
    let load: QueueLoad
    /// Tells the workers, as a service does.
    var notifier: Notifier?

    private static let patience = Duration.seconds(300)

    private var job: NewJob { NewJob(kind: QueueLoad.kind, payload: load.payload) }

    /// Enqueues all the jobs, as fast as it goes, for workers that come later.
    func fill() async throws { try await enqueue(load.jobs) }

    /// Enqueues the jobs at their times, whether or not the workers keep up.
    func keepPace() async throws {
        guard load.mode == .latency else {
            var pace = Pace(jobs: load.jobs, rate: load.rate)
            while let due = try await pace.next() {
                try await enqueue(due)
                notifier?.mark(QueueLoad.kind)
            }
            return
        }
        try await withThrowingDiscardingTaskGroup { group in
            var pace = Pace(jobs: load.jobs, rate: load.rate)
            while let due = try await pace.next() {
                for _ in 0..<due {
                    group.addTask {
                        _ = try await pool.withSession(until: .after(.seconds(30))) { try await $0.enqueue(job) }
                        notifier?.mark(QueueLoad.kind)
                    }
                }
            }
        }
    }

    /// Enqueues all the jobs over a number of connections, one at a time on each.
    func enqueueOneByOne(connections: Int) async throws {
        try await share(among: connections) { count in
            for _ in 0..<count {
                if load.isInTransaction {
                    _ = try await pool.withTransaction(until: .after(Self.patience)) { try await $0.enqueue(job) }
                } else {
                    _ = try await pool.withSession(until: .after(Self.patience)) { try await $0.enqueue(job) }
                }
            }
        }
    }

    /// Enqueues all the jobs over a number of connections, a batch in one statement.
    func enqueueInBulk(connections: Int) async throws {
        try await share(among: connections) { count in try await enqueue(count) }
    }

    private func enqueue(_ count: Int) async throws {
        for start in stride(from: 0, to: count, by: load.batch) {
            let jobs = Array(repeating: job, count: min(load.batch, count - start))
            _ = try await pool.enqueue(jobs, until: .after(Self.patience))
        }
    }

    private func share(
        among connections: Int,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for index in 0..<connections {
                let share = load.jobs / connections + (index < load.jobs % connections ? 1 : 0)
                group.addTask(executorPreference: pool.executor) { try await body(share) }
            }
        }
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
