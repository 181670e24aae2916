import Postgres
import Synchronization

/// The runners of a worker: each takes one job after the other out of the workload and runs its handler.
///
/// A runner's task is what is cancelled when its job is to stop, and then another takes its place: so a job costs no task
/// of its own.
final class Crew: Sendable {
    private let pool: Pool
    private let configuration: WorkerConfiguration
    private let handlers: [String: any JobHandler]
    private let workload: Workload
    private let observer: @Sendable (QueueEvent) -> Void
    private let finisher: Finisher
    private let state = Mutex(State())

    private struct State {
        var runners: [Int: Task<Void, Never>] = [:]
        var last = 0
        /// Set when the grace is over: whoever is cancelled now is not replaced.
        var isGivingUp = false
    }

    /// How long a statement that ends a job may take before it is tried again.
    private static let patience: Duration = .seconds(5)
    /// How long to wait for a job to run.
    private static let longestSleep: Duration = .seconds(86_400)

    init(
        pool: Pool,
        configuration: WorkerConfiguration,
        handlers: [String: any JobHandler],
        workload: Workload,
        observer: @escaping @Sendable (QueueEvent) -> Void
    ) {
        self.pool = pool
        self.configuration = configuration
        self.handlers = handlers
        self.workload = workload
        self.observer = observer
        self.finisher = Finisher(pool: pool)
    }

    // MARK: Life

    /// Ends in groups what was handed in, until the task is cancelled.
    func commitGroups() async { await finisher.run { self.heard($0, $1) } }

    /// Starts the runners for a worker and waits for their end, which comes after the workload was closed.
    func run(for worker: @escaping @Sendable () -> Int64?) async {
        for _ in 0..<configuration.concurrency { start(worker) }
        while let task = state.withLock({ $0.runners.first?.value }) { await task.value }
    }

    /// Cancels the handlers that run past their kind's limit, until the task is cancelled.
    func watchLimits() async {
        let limits = handlers.values.map(limit)
        let interval = min(.seconds(1), (limits.min() ?? .seconds(1)) / 4)
        while !Task.isCancelled {
            await workload.wait(atMost: Self.longestSleep) { $0.running > 0 }
            try? await Task.sleep(for: interval)
            cancel(
                workload.haltOverdue(at: .now) { claim in handlers[claim.kind].map(limit) ?? configuration.jobLimit }
            )
        }
    }

    /// Cancels the handlers of jobs that somebody has cancelled.
    func stop(_ jobs: [Int64]) {
        guard !jobs.isEmpty else { return }
        cancel(workload.halt(Set(jobs), .cancelled))
    }

    /// Cancels every handler; their jobs are given back.
    func giveUp() {
        let runners = state.withLock { state in
            state.isGivingUp = true
            return Array(state.runners.values)
        }
        for runner in runners { runner.cancel() }
    }

    /// How long a handler's jobs may run.
    func limit(of handler: any JobHandler) -> Duration { handler.limit ?? configuration.jobLimit }

    private var isGivingUp: Bool { state.withLock(\.isGivingUp) }

    private func start(_ worker: @escaping @Sendable () -> Int64?) {
        state.withLock { state in
            guard !state.isGivingUp else { return }
            state.last += 1
            let runner = state.last
            state.runners[runner] = Task {
                while !Task.isCancelled, let claim = await workload.next(for: runner) {
                    await run(claim, for: worker() ?? 0)
                }
                if Task.isCancelled { start(worker) }
                forget(runner)
            }
        }
    }

    private func forget(_ runner: Int) { state.withLock { $0.runners[runner] = nil } }

    private func cancel(_ runners: [Int]) {
        let tasks = state.withLock { state in runners.compactMap { state.runners[$0] } }
        for task in tasks { task.cancel() }
    }

    // MARK: One job

    private func run(_ claim: ClaimedJob, for worker: Int64) async {
        guard let handler = handlers[claim.job.kind] else { return }
        let began = ContinuousClock.now
        do {
            let finished = try await withSpan(of: claim, to: configuration.tracer) {
                let lease = Lease(
                    worker: worker,
                    claim: claim,
                    pool: pool,
                    finisher: finisher,
                    began: began,
                    deadline: began + limit(of: handler)
                )
                return try await handler.run(claim.job, lease)
            }
            switch finished.manner {
            case .handedIn: workload.handIn(claim.key)
            case .committed: settle(claim.key, .finished(claim.key.run(for: began.duration(to: .now))))
            case .snoozed: settle(claim.key, .snoozed(claim.key.run(for: began.duration(to: .now))))
            }
        } catch {
            let (isCancelled, ran) = (Task.isCancelled, began.duration(to: .now))
            // What is to be written down now must not be cut off by what cut the handler off.
            await Task { await self.end(claim.key, ran: ran, after: error, isCancelled: isCancelled) }.value
        }
    }

    /// What became of endings that were handed in.
    private func heard(_ endings: [Ending], _ error: (any Error)?) {
        guard let error else {
            workload.settle(endings.lazy.map(\.claim))
            for ending in endings { observer(.finished(ending.claim.run(for: ending.ran))) }
            return
        }
        let isCancelled = Task.isCancelled
        for ending in endings {
            Task { await self.end(ending.claim, ran: ending.ran, after: error, isCancelled: isCancelled) }
        }
    }

    /// Sees to a job whose handler, or whose ending, has failed.
    private func end(_ claim: Workload.Claim, ran: Duration, after error: any Error, isCancelled: Bool) async {
        let (job, run) = (claim.job, claim.run(for: ran))
        if error is LeaseLost { return settle(claim, .leaseLost(run)) }
        let reason: any Error
        switch workload.halt(of: claim) {
        case .cancelled:
            let statement = StopJob(job: job, lease: claim.lease)
            guard let isOurs = await insist({ try await $0.execute(statement, until: .after(Self.patience)) }) else {
                return workload.settle([claim], isSure: false)
            }
            return settle(claim, isOurs ? .cancelled(run) : .leaseLost(run))
        case .tookTooLong(let limit): reason = TookTooLong(limit: limit)
        case nil:
            if isCancelled {
                // Stopped by us, not refused by the handler: no charge.
                let isDone = await release([job], lease: claim.lease)
                return workload.settle([claim], isSure: isDone)
            }
            reason = error
        }
        let statement = FailJob(
            job: job,
            lease: claim.lease,
            error: "\(reason)",
            delay: configuration.retry.pause(afterFailures: claim.attempt + 1, jitter: .random(in: 0..<1)),
            maximumAttempts: configuration.retry.maximumAttempts
        )
        switch await insist({ try await $0.execute(statement, until: .after(Self.patience)) }) {
        case .some(.some(let state)): settle(claim, .failed(run, state: state, reason: "\(reason)"))
        case .some(nil): settle(claim, .leaseLost(run))
        case nil: workload.settle([claim], isSure: false)
        }
    }

    /// Gives jobs back that have not begun, without a charge; false where the database did not answer.
    private func release(_ jobs: [Int64], lease: Int64) async -> Bool {
        (try? await pool.execute(ReleaseJobs(jobs: jobs, lease: lease), until: .after(Self.patience))) != nil
    }

    private func settle(_ claim: Workload.Claim, _ event: QueueEvent) {
        workload.settle([claim])
        observer(event)
    }

    /// Tries until the database has answered: it may be away, and as long as we live nobody else frees the job. `nil` when
    /// the worker has to go.
    private func insist<Value: Sendable>(_ body: (Pool) async throws -> Value) async -> Value? {
        while true {
            do {
                return try await body(pool)
            } catch {
                observer(.databaseTrouble(reason: "\(error)"))
                if isGivingUp { return nil }
                await Worker.pause(.milliseconds(500))
            }
        }
    }
}

/// A handler was cancelled since it ran past its limit.
struct TookTooLong: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "the job took longer than \(limit)" }
}
