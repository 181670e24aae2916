package import Postgres
import Synchronization

/// How a worker process works.
package struct WorkerConfiguration: Sendable {
    /// Shown in `queue.worker`.
    package var program: String
    package var host: String
    package var processID: Int32
    /// Jobs at the same time.
    package var concurrency = 4
    /// A job that runs longer counts as hung and is given to another worker.
    package var jobLimit: Duration = .seconds(300)
    /// How long an idle worker waits before it looks again, jittered. It comes to that by doubling: where there was work
    /// a moment ago, more is likely soon.
    package var pollInterval: Duration = .milliseconds(100)
    package var heartbeatInterval: Duration = .milliseconds(500)
    /// How long the lock of a process must be free before it counts as dead: time to replace a lost session.
    package var patience: Duration = .milliseconds(1200)
    /// A process not heard of for this long is taken for dead.
    package var silence: Duration = .seconds(10)
    /// A job whose process vanished this often is not run again.
    package var maximumCrashes = 3
    /// How long a process must have lived before it runs a job that two others died of. Processes that are killed again
    /// and again do not get so far, so what kills them is not laid at the door of whatever they happened to run: without
    /// this, twenty kills within ten seconds quarantined about one innocent job.
    package var steadyAfter: Duration = .seconds(3)
    /// How long running jobs may take to end when the worker stops.
    package var grace: Duration = .seconds(25)
    package var retry = RetrySchedule()
    package var wake = WakeConfiguration()
    /// Whether the database is reached through a transaction pooler, where nothing that outlives a transaction holds: no
    /// lock shows that the process lives, its regular sign of life alone does.
    package var isPollOnly = false

    package init(program: String, host: String, processID: Int32) {
        self.program = program
        self.host = host
        self.processID = processID
    }
}

/// Claims jobs and runs their handlers until it is told to stop; ``Presence`` shows that it lives.
package final class Worker: Sendable {
    private let pool: Pool
    private let configuration: WorkerConfiguration
    private let handlers: [String: any JobHandler]
    private let observer: @Sendable (QueueEvent) -> Void
    private let running = RunningJobs()
    private let finisher: Finisher
    private let presence: Presence
    let wakeUp = WakeUp()
    private let listener: WakeListener?
    private let isStopping = Atomic<Bool>(false)

    /// How long a worker waits for its other jobs to end so that a suspect can run alone, and how long it then claims as
    /// usual before it waits again: one suspect must not hold up everybody's jobs behind a slow one.
    private static let longestDrain: Duration = .seconds(2)
    private static let drainPause: Duration = .seconds(10)
    private static let shortestPause: Duration = .milliseconds(3)
    /// As long as a server may go on with a statement whose client is gone.
    private static let longestLostClaim: Duration = .seconds(60)
    /// How much later than the worker itself the database gives up a job that runs too long.
    private static let limitMargin: Duration = .seconds(10)

    package init(
        pool: Pool,
        configuration: WorkerConfiguration,
        handlers: [any JobHandler],
        observer: @escaping @Sendable (QueueEvent) -> Void = { _ in }
    ) {
        self.pool = pool
        self.configuration = configuration
        self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.kind, $0) })
        self.observer = observer
        self.finisher = Finisher(pool: pool)
        self.presence = Presence(
            pool: pool,
            configuration: configuration,
            kinds: handlers.map(\.kind),
            observer: observer
        )
        self.listener = configuration.wake.listener.map { [wakeUp] listener in
            WakeListener(
                pool: pool,
                listener: listener,
                settings: configuration.wake,
                kinds: handlers.map(\.kind),
                wakeUp: wakeUp,
                observer: observer
            )
        }
    }

    /// No new jobs; those that run may end. ``run()`` returns when they have.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        running.close()
        wakeUp.wake()
    }

    /// Works until ``stop()`` is called or the task is cancelled.
    package func run() async {
        await withTaskGroup { group in
            group.addTask { await self.presence.stayAlive() }
            group.addTask { await self.presence.rescueRegularly() }
            group.addTask { await self.finisher.run() }
            group.addTask { await PauseKeeper.lookRegularly(self.pool) }
            group.addTask { await self.listener?.run() }
            await work()
            group.cancelAll()
        }
        // Only now: a registration under way when we were told to stop has come to its end too.
        await presence.retire()
        observer(.stopped)
    }

    private var mayContinue: Bool { !isStopping.load(ordering: .acquiring) && !Task.isCancelled }

    // MARK: Claiming and running

    private func work() async {
        let steady = ContinuousClock.now + configuration.steadyAfter
        var nextDrain = steady
        var idlePause = Self.shortestPause
        var mayHoldStraysUntil = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            while mayContinue {
                guard let worker = presence.worker else {
                    await Self.pause(configuration.pollInterval)
                    continue
                }
                do {
                    let isSteady = ContinuousClock.now >= steady
                    // Else they would wait for as long as there are other jobs.
                    if presence.suspectsWait, ContinuousClock.now >= nextDrain {
                        await running.waitForRoom(below: 1, atMost: Self.longestDrain)
                        nextDrain = .now + Self.drainPause
                    }
                    if ContinuousClock.now < mayHoldStraysUntil {
                        let strays = ReleaseStrays(worker: worker, running: running.jobs)
                        _ = try await pool.execute(strays, until: .after(.seconds(5)))
                    }
                    let claimed = try await claim(for: worker, running: running.count, isSteady: isSteady)
                    for claim in claimed {
                        running.begin(claim.job.id)
                        group.addTask {
                            await self.handle(claim, worker: worker)
                            self.running.end(claim.job.id)
                        }
                    }
                    // A suspect runs alone.
                    if let first = claimed.first, first.job.crashes > 0 { await running.waitForRoom(below: 1) }
                    await running.waitForRoom(below: configuration.concurrency)
                    if claimed.isEmpty {
                        await wakeUp.wait(atMost: Self.jittered(idlePause))
                        idlePause = min(idlePause * 2, longestPause)
                    } else {
                        idlePause = Self.shortestPause
                    }
                } catch {
                    observer(.databaseTrouble(reason: "\(error)"))
                    // A claim whose answer was lost may yet take effect, as long as the server works on it.
                    mayHoldStraysUntil = .now + Self.longestLostClaim
                    await Self.pause(.milliseconds(500))
                }
            }
            await finishRunning(in: &group)
        }
    }

    private var longestPause: Duration {
        listener?.isTrusted == true ? configuration.wake.pollInterval : configuration.pollInterval
    }

    private func claim(
        for worker: Int64,
        running: Int,
        isSteady: Bool
    ) async throws(PostgresError) -> [ClaimedJob] {
        let kinds = Array(handlers.keys)
        let deadline = Deadline.after(.seconds(10))
        if running == 0 {
            let suspect = ClaimSuspect(
                kinds: kinds,
                worker: worker,
                limit: configuration.jobLimit + Self.limitMargin,
                mostCrashes: isSteady ? .max : 1
            )
            if let claim = try await pool.execute(suspect, until: deadline) { return [claim] }
        }
        let room = configuration.concurrency - running
        guard room > 0 else { return [] }
        return try await pool.execute(
            ClaimJobs(kinds: kinds, count: room, worker: worker, limit: configuration.jobLimit + Self.limitMargin),
            until: deadline
        )
    }

    private func handle(_ claim: ClaimedJob, worker: Int64) async {
        let job = claim.job
        do {
            try await run(claim, worker: worker)
            observer(.finished(kind: job.kind, job: job.id))
        } catch is LeaseLost {
            observer(.leaseLost(kind: job.kind, job: job.id))
        } catch  where Task.isCancelled {
            // Stopped by us, not refused by the handler: no charge.
            _ = try? await detached { [pool] in
                try await pool.execute(ReleaseJobs(jobs: [job.id], lease: claim.lease), until: .after(.seconds(5)))
            }
        } catch {
            await fail(claim, because: error)
        }
    }

    /// Runs the handler, and cancels it when it takes too long.
    private func run(_ claim: ClaimedJob, worker: Int64) async throws {
        guard let handler = handlers[claim.job.kind] else { return }
        let limit = configuration.jobLimit
        try await withThrowingTaskGroup(of: Bool.self) { race in
            race.addTask { [pool, finisher] in
                let lease = Lease(
                    job: claim.job.id,
                    worker: worker,
                    token: claim.lease,
                    pool: pool,
                    finisher: finisher,
                    deadline: .after(limit)
                )
                _ = try await handler.run(claim.job, lease)
                return true
            }
            race.addTask {
                try await Task.sleep(for: limit)
                return false
            }
            defer { race.cancelAll() }
            guard try await race.next() == true else { throw TookTooLong(limit: limit) }
        }
    }

    private func fail(_ claim: ClaimedJob, because error: any Error) async {
        let job = claim.job
        let statement = FailJob(
            job: job.id,
            lease: claim.lease,
            error: "\(error)",
            delay: configuration.retry.pause(afterFailures: job.attempt + 1, jitter: .random(in: 0..<1)),
            maximumAttempts: configuration.retry.maximumAttempts
        )
        // Until it is written down: the database may be away, and as long as we live nobody else frees the job.
        while !Task.isCancelled {
            do {
                let state = try await pool.execute(statement, until: .after(.seconds(5)))
                if let state {
                    observer(.failed(kind: job.kind, job: job.id, state: state, reason: "\(error)"))
                } else {
                    observer(.leaseLost(kind: job.kind, job: job.id))
                }
                return
            } catch {
                observer(.databaseTrouble(reason: "\(error)"))
                await Self.pause(.milliseconds(500))
            }
        }
    }

    /// Lets what runs end within the grace, then cancels it, which gives the jobs back.
    private func finishRunning(in group: inout DiscardingTaskGroup) async {
        await running.waitUntilIdle(atMost: configuration.grace)
        group.cancelAll()
    }

    /// Sleeps for the duration, shortened by up to half so that many workers do not move in step.
    static func pause(_ duration: Duration) async {
        try? await Task.sleep(for: jittered(duration))
    }

    private static func jittered(_ duration: Duration) -> Duration { duration * Double.random(in: 0.5...1) }

    /// Runs the body in a task that this one's cancellation does not reach.
    private func detached<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await Task { try await body() }.value
    }
}

/// A handler was cancelled since it ran past its limit.
struct TookTooLong: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "the job took longer than \(limit)" }
}
