import Synchronization

/// The jobs that a worker holds: those that wait here for a free runner, those that run, and those that have been handed in
/// and wait for their commit.
final class Workload: Sendable {
    /// One claim of one job. A job may be held twice, when it was taken from us and came back.
    struct Claim: Hashable, Sendable {
        let job: Int64
        let lease: Int64
        let kind: String
        /// How often the job had failed before.
        let attempt: Int
        /// What had the job put in.
        var origin: String?
        /// From when the job was due to its claim.
        var waited: Duration = .zero

        static func == (left: Claim, right: Claim) -> Bool { left.job == right.job && left.lease == right.lease }

        func hash(into hasher: inout Hasher) { hasher.combine(job) }

        /// What is told of it once its handler has had it for so long.
        func run(for ran: Duration) -> JobRun {
            JobRun(job: job, kind: kind, origin: origin, waited: waited, ran: ran)
        }
    }

    /// Why a running job is told to stop.
    enum Halt: Sendable {
        /// An operator cancelled it.
        case cancelled
        case tookTooLong(limit: Duration)
    }

    private enum Stage {
        case waiting
        case running(runner: Int, since: ContinuousClock.Instant)
        case ending
    }

    private struct State {
        /// In the order of their claims. Those before `next` have been taken.
        var waiting: [(claim: ClaimedJob, since: ContinuousClock.Instant)] = []
        var next = 0
        var stages: [Claim: Stage] = [:]
        var halts: [Claim: Halt] = [:]
        /// How many jobs of each lease are held.
        var leases: [Int64: Int] = [:]
        /// The leases of which some job may yet be ours as the database has it.
        var unsure: Set<Int64> = []
        /// The leases of which nothing is left to do, and which the database still keeps.
        var ended: [Int64] = []
        var running = 0
        var settled = 0
        /// Runners that have nothing to do.
        var idle: [(runner: Int, continuation: CheckedContinuation<Handed, Never>)] = []
        var watchers: [Watcher] = []
        var lastWatcher = 0
        var isClosed = false

        var waitingCount: Int { waiting.count - next }
        var load: Load { Load(waiting: waitingCount, running: running, held: stages.count) }

        /// One job fewer of the lease is held.
        mutating func settle(_ lease: Int64, isSure: Bool) {
            guard let left = leases[lease] else { return }
            if !isSure { unsure.insert(lease) }
            leases[lease] = left > 1 ? left - 1 : nil
            // One that may not be all over is left to those who rescue.
            if left == 1, unsure.remove(lease) == nil { ended.append(lease) }
        }

        mutating func take() -> ClaimedJob? {
            guard next < waiting.count else { return nil }
            defer {
                next += 1
                if next == waiting.count {
                    waiting.removeAll(keepingCapacity: true)
                    next = 0
                }
            }
            return waiting[next].claim
        }

        /// Takes the next waiting job to be run.
        mutating func take(for runner: Int, at now: ContinuousClock.Instant) -> ClaimedJob? {
            guard let claim = take() else { return nil }
            stages[claim.key] = .running(runner: runner, since: now)
            running += 1
            return claim
        }
    }

    /// What a runner gets that has asked for a job.
    private struct Handed {
        let claim: ClaimedJob?
        /// Whether it had to wait.
        let isWoken: Bool
    }

    /// Somebody who waits until the load is as it should be, or until the worker stops.
    private struct Watcher {
        let id: Int
        let isSatisfied: @Sendable (Load) -> Bool
        let mindsClosing: Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    /// How many jobs are in which stage.
    struct Load: Sendable {
        let waiting: Int
        let running: Int
        /// In any stage.
        let held: Int
    }

    private let state = Mutex(State())

    var load: Load { state.withLock(\.load) }

    /// How many runners have nothing to do.
    var idleRunners: Int { state.withLock(\.idle.count) }

    /// Every job that is held.
    var jobs: [Int64] { state.withLock { $0.stages.keys.map(\.job) } }

    /// The leases of which nothing is left to do, until ``forget(_:)``: the database need not keep them.
    var endedLeases: [Int64] { state.withLock(\.ended) }

    /// The database has forgotten these leases.
    func forget(_ leases: [Int64]) {
        guard !leases.isEmpty else { return }
        // Those that ended since stand behind them.
        state.withLock { $0.ended.removeFirst(leases.count) }
    }

    /// How many jobs have been settled so far.
    var settled: Int { state.withLock(\.settled) }

    // MARK: The way of a job

    /// Takes claimed jobs in, all of one lease.
    func add(_ claims: [ClaimedJob]) {
        let now = ContinuousClock.now
        change { state in
            if let lease = claims.first?.lease { state.leases[lease, default: 0] += claims.count }
            for claim in claims {
                state.stages[claim.key] = .waiting
                state.waiting.append((claim, now))
            }
        }
        wakeRunner()
    }

    /// Waits for a job to run; `nil` when the worker stops or the task is cancelled.
    func next(for runner: Int) async -> ClaimedJob? {
        let handed = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = ContinuousClock.now
                let (answer, satisfied) = state.withLock { state -> (Handed?, [Watcher]) in
                    if state.isClosed || Task.isCancelled { return (Handed(claim: nil, isWoken: false), []) }
                    guard let claim = state.take(for: runner, at: now) else {
                        state.idle.append((runner, continuation))
                        return (nil, [])
                    }
                    return (Handed(claim: claim, isWoken: false), Self.satisfied(&state))
                }
                if let answer { continuation.resume(returning: answer) }
                for watcher in satisfied { watcher.continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.idle.firstIndex { $0.runner == runner }.map { state.idle.remove(at: $0).continuation }
            }
            continuation?.resume(returning: Handed(claim: nil, isWoken: false))
        }
        if handed.isWoken { wakeRunner() }
        return handed.claim
    }

    /// Gives a waiting job to a runner that has nothing to do. Each that is woken wakes the next: where handlers are quick,
    /// a few runners have done all the work before the others would have stood up.
    private func wakeRunner() {
        let now = ContinuousClock.now
        let start = change { state -> (CheckedContinuation<Handed, Never>, ClaimedJob)? in
            guard state.waitingCount > 0, let (runner, continuation) = state.idle.popLast() else { return nil }
            return state.take(for: runner, at: now).map { (continuation, $0) }
        }
        if let (continuation, claim) = start { continuation.resume(returning: Handed(claim: claim, isWoken: true)) }
    }

    /// The job's runner is free again, while the job waits for its commit.
    func handIn(_ claim: Claim) {
        change { state in
            guard case .running = state.stages[claim] else { return }
            state.stages[claim] = .ending
            state.running -= 1
        }
    }

    /// The jobs are no longer ours.
    ///
    /// - Parameter isSure: false where the database may have it otherwise, as it did not answer.
    func settle(_ claims: some Sequence<Claim>, isSure: Bool = true) {
        change { state in
            for claim in claims {
                guard let stage = state.stages.removeValue(forKey: claim) else { continue }
                if case .running = stage { state.running -= 1 }
                if !state.halts.isEmpty { state.halts[claim] = nil }
                state.settled += 1
                state.settle(claim.lease, isSure: isSure)
            }
        }
    }

    /// Why the job was told to stop, if it was.
    func halt(of claim: Claim) -> Halt? { state.withLock { $0.halts[claim] } }

    /// Marks the running ones among the jobs to stop, and returns their runners.
    func halt(_ jobs: Set<Int64>, _ reason: Halt) -> [Int] {
        state.withLock { state in
            state.stages.compactMap { claim, stage in
                guard case .running(let runner, _) = stage, jobs.contains(claim.job), state.halts[claim] == nil
                else { return nil }
                state.halts[claim] = reason
                return runner
            }
        }
    }

    /// Marks those jobs of a kind to stop that have run for longer than its limit, and returns their runners.
    func haltOverdue(at now: ContinuousClock.Instant, limit: (Claim) -> Duration) -> [Int] {
        state.withLock { state in
            state.stages.compactMap { claim, stage in
                guard case .running(let runner, let since) = stage, state.halts[claim] == nil else { return nil }
                let limit = limit(claim)
                guard since.duration(to: now) > limit else { return nil }
                state.halts[claim] = .tookTooLong(limit: limit)
                return runner
            }
        }
    }

    /// Takes out the jobs that have waited since before the instant. They are held until they are settled.
    func takeWaiting(since instant: ContinuousClock.Instant) -> [ClaimedJob] {
        state.withLock { state in
            var taken: [ClaimedJob] = []
            while state.next < state.waiting.count, state.waiting[state.next].since <= instant, let claim = state.take()
            {
                taken.append(claim)
            }
            return taken
        }
    }

    // MARK: Waiting for change

    /// No more jobs are handed out; waits that mind are over.
    func close() {
        let idle = change { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for (_, continuation) in idle { continuation.resume(returning: Handed(claim: nil, isWoken: false)) }
    }

    /// Waits until the load is as wished, the time is over, the task is cancelled or, unless it does not mind, the worker
    /// stops.
    func wait(
        atMost limit: Duration,
        mindsClosing: Bool = true,
        until isSatisfied: @escaping @Sendable (Load) -> Bool
    ) async {
        if state.withLock({ isSatisfied($0.load) || mindsClosing && $0.isClosed }) { return }
        await withTaskGroup { race in
            race.addTask { await self.wait(mindsClosing: mindsClosing, until: isSatisfied) }
            race.addTask { try? await Task.sleep(for: limit) }
            await race.next()
            race.cancelAll()
        }
    }

    private func wait(mindsClosing: Bool, until isSatisfied: @escaping @Sendable (Load) -> Bool) async {
        let id = state.withLock { state in
            state.lastWatcher += 1
            return state.lastWatcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if isSatisfied(state.load) || mindsClosing && state.isClosed || Task.isCancelled { return true }
                    state.watchers.append(
                        Watcher(
                            id: id,
                            isSatisfied: isSatisfied,
                            mindsClosing: mindsClosing,
                            continuation: continuation
                        )
                    )
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let watcher = state.withLock { state in
                state.watchers.firstIndex { $0.id == id }.map { state.watchers.remove(at: $0) }
            }
            watcher?.continuation.resume()
        }
    }

    /// Changes the state and tells those who waited for that.
    private func change<Value>(_ body: (inout State) -> sending Value) -> Value {
        let (value, satisfied) = state.withLock { state in
            let value = body(&state)
            return (value, Self.satisfied(&state))
        }
        for watcher in satisfied { watcher.continuation.resume() }
        return value
    }

    private static func satisfied(_ state: inout State) -> [Watcher] {
        guard !state.watchers.isEmpty else { return [] }
        let load = state.load
        let isClosed = state.isClosed
        let satisfied = state.watchers.filter { $0.isSatisfied(load) || $0.mindsClosing && isClosed }
        if !satisfied.isEmpty {
            let ids = Set(satisfied.map(\.id))
            state.watchers.removeAll { ids.contains($0.id) }
        }
        return satisfied
    }
}
