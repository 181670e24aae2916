import Postgres
import Synchronization

/// Claims jobs for a worker, as many as its runners can soon take.
final class ClaimLoop: Sendable {
    private let pool: Pool
    private let configuration: WorkerConfiguration
    private let kinds: [(kind: String, limit: Duration)]
    private let presence: Presence
    private let workload: Workload
    private let upkeep: QueueUpkeep
    private let wakeUp: WakeUp
    private let listener: WakeListener?
    private let observer: @Sendable (QueueEvent) -> Void
    private let isStopping = Atomic<Bool>(false)

    /// How long a worker waits for its other jobs to end so that a suspect can run alone, and how long it then claims as
    /// usual before it waits again: one suspect must not hold up everybody's jobs behind a slow one.
    private static let longestDrain: Duration = .seconds(2)
    private static let drainPause: Duration = .seconds(10)
    private static let shortestPause: Duration = .milliseconds(3)
    /// As long as a server may go on with a statement whose client is gone.
    private static let longestLostClaim: Duration = .seconds(60)
    private static let patience: Duration = .seconds(10)
    /// How much later than the worker itself the database gives up a job that runs too long.
    private static let limitMargin: Duration = .seconds(10)
    /// A job that has waited here for so long goes back, for others may be idle.
    private static let longestWait: Duration = .seconds(2)

    init(
        pool: Pool,
        configuration: WorkerConfiguration,
        kinds: [(kind: String, limit: Duration)],
        presence: Presence,
        workload: Workload,
        upkeep: QueueUpkeep,
        wakeUp: WakeUp,
        listener: WakeListener?,
        observer: @escaping @Sendable (QueueEvent) -> Void
    ) {
        self.pool = pool
        self.configuration = configuration
        self.kinds = kinds.map { ($0.kind, $0.limit + Self.limitMargin) }
        self.presence = presence
        self.workload = workload
        self.upkeep = upkeep
        self.wakeUp = wakeUp
        self.listener = listener
        self.observer = observer
    }

    /// No more claims.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.wake()
    }

    private var mayContinue: Bool { !isStopping.load(ordering: .acquiring) && !Task.isCancelled }

    /// Claims until it is stopped or the task is cancelled; then gives back what has not begun.
    func run() async {
        let steady = ContinuousClock.now + configuration.steadyAfter
        var nextDrain = steady
        var idlePause = Self.shortestPause
        var mayHoldStraysUntil = ContinuousClock.now
        var appetite = Appetite(concurrency: configuration.concurrency)
        var trail = Trail()
        while mayContinue {
            guard let worker = presence.worker else {
                await Worker.pause(configuration.pollInterval)
                continue
            }
            do {
                // Else they would wait for as long as there are other jobs.
                if presence.suspectsWait, ContinuousClock.now >= nextDrain {
                    await giveBack(waitingSince: .now)
                    await workload.wait(atMost: Self.longestDrain) { $0.held == 0 }
                    nextDrain = .now + Self.drainPause
                }
                if ContinuousClock.now < mayHoldStraysUntil {
                    let strays = ReleaseStrays(worker: worker, known: workload.jobs)
                    _ = try await pool.execute(strays, until: .after(Self.patience))
                }
                await giveBack(waitingSince: .now - Self.longestWait)
                let load = workload.load
                let want = appetite.want(load, settled: workload.settled)
                guard want > 0 else {
                    await workload.wait(atMost: Self.longestWait, until: appetite.isHungry)
                    continue
                }
                var claim = ClaimJobs(worker: worker, kinds: kinds, count: want)
                if load.held == 0 { claim.mostCrashesAlone = ContinuousClock.now >= steady ? .max : 1 }
                trail.guide(&claim, isPinned: upkeep.isPinned)
                claim.ended = workload.endedLeases
                let claimed = try await pool.execute(claim, until: .after(Self.patience))
                workload.forget(claim.ended)
                trail.follow(claimed, of: claim)
                appetite.isSated = claimed.count < want
                workload.add(claimed)
                // A suspect runs alone.
                if let first = claimed.first, first.job.crashes > 0 {
                    await workload.wait(atMost: .seconds(86_400)) { $0.held == 0 }
                }
                if claimed.isEmpty {
                    await wakeUp.wait(atMost: Worker.jittered(idlePause))
                    idlePause = min(idlePause * 2, longestPause)
                } else {
                    idlePause = Self.shortestPause
                }
            } catch {
                observer(.databaseTrouble(reason: "\(error)"))
                // A claim whose answer was lost may yet take effect, as long as the server works on it.
                mayHoldStraysUntil = .now + Self.longestLostClaim
                await Worker.pause(.milliseconds(500))
            }
        }
        await Task { await giveBack(waitingSince: .now) }.value
    }

    /// Whether there is nothing to do here and others tell of new jobs: the listener, and each touch of ``Presence``. Not
    /// of jobs that have to wait for the end of our own; nor where vacuum can't clean up, for there a look is dear, and
    /// ``Trail`` alone knows where to look.
    var isIdle: Bool { listener?.isTrusted == true && workload.load.held == 0 && !upkeep.isPinned }

    private var longestPause: Duration { isIdle ? configuration.wake.pollInterval : configuration.pollInterval }

    /// Gives back without a charge the jobs that no runner has taken since.
    private func giveBack(waitingSince instant: ContinuousClock.Instant) async {
        let jobs = workload.takeWaiting(since: instant)
        for (lease, jobs) in Dictionary(grouping: jobs, by: \.lease) {
            let release = ReleaseJobs(jobs: jobs.map(\.job.id), lease: lease)
            // If that is lost, they are strays of ours for as long as we live.
            let isDone = (try? await pool.execute(release, until: .after(Self.patience))) != nil
            workload.settle(jobs.map(\.key), isSure: isDone)
        }
    }
}

/// How many jobs a worker claims at once: what its runners can take now and, where jobs are short and more of them wait,
/// what they will have done in the next tenth of a second. Every claim costs about the same however much it brings.
struct Appetite {
    private let concurrency: Int
    /// Whether the last claim brought less than was wanted: then others may be idle, and nothing is kept in store.
    var isSated = true
    private var pace = 0.0
    private var lastSettled = 0
    private var lastLook = ContinuousClock.now

    private static let horizon = 0.1
    private static let largestStore = 1000

    init(concurrency: Int) { self.concurrency = concurrency }

    /// How many jobs to keep waiting here.
    private var store: Int { isSated ? 0 : min(Self.largestStore, Int(pace * Self.horizon)) }

    /// How many jobs to claim, 0 if there is enough.
    ///
    /// - Parameter settled: how many jobs have ended so far.
    mutating func want(_ load: Workload.Load, settled: Int, at now: ContinuousClock.Instant = .now) -> Int {
        let elapsed = lastLook.duration(to: now) / .seconds(1)
        // Over at least so long that a claim or two and a commit lie within.
        if elapsed > 0.005 {
            let weight = min(1, elapsed / 0.05)
            pace += (Double(settled - lastSettled) / elapsed - pace) * weight
            (lastSettled, lastLook) = (settled, now)
        }
        guard isHungry(load) else { return 0 }
        return concurrency + store - load.running - load.waiting
    }

    /// Whether it is time to claim more: half of the store is gone, or runners have nothing to do.
    var isHungry: @Sendable (Workload.Load) -> Bool {
        { [concurrency, store] load in
            load.running + load.waiting < concurrency + store - store / 2
        }
    }
}

/// Where a worker has been in each lane, for the time when vacuum can't clean up behind it: then it goes on from there and
/// looks at the whole only now and then, so that this costs no more than a fiftieth of its time.
struct Trail {
    private var after = ""
    private var places: [Lane: Timestamp] = [:]
    private var nextSweep = ContinuousClock.now
    private var began = ContinuousClock.now

    private static let shortestInterval: Duration = .milliseconds(250)
    private static let mostLanes = 1000

    init() {}

    /// Tells a claim where to look.
    mutating func guide(_ claim: inout ClaimJobs, isPinned: Bool, at now: ContinuousClock.Instant = .now) {
        claim.after = after
        began = now
        if isPinned, now < nextSweep { claim.places = places }
        if !isPinned { places = [:] }
    }

    /// Learns from what a claim brought.
    mutating func follow(_ claimed: [ClaimedJob], of claim: ClaimJobs, at now: ContinuousClock.Instant = .now) {
        if claim.places.isEmpty {
            nextSweep = now + max(Self.shortestInterval, began.duration(to: now) * 50)
            if places.count > Self.mostLanes { places = [:] }
        }
        for job in claimed where job.job.crashes == 0 {
            places[job.lane] = max(places[job.lane] ?? job.rank, job.rank)
        }
        if let last = claimed.last?.job.park { after = last }
    }
}
