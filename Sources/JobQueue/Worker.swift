package import Postgres
import Synchronization
package import Tracing

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
    /// Entries of the queue's schedule that the program brings along: made when it first meets a database, and the
    /// operators' from then on.
    package var schedules: [Schedule] = []
    package var wake = WakeConfiguration()
    /// Whether the database is reached through a transaction pooler, where nothing that outlives a transaction holds: no
    /// lock shows that the process lives, its regular sign of life alone does.
    package var isPollOnly = false
    /// Where the spans of jobs go; `nil` is nowhere. The program's own tracer, unless it is told otherwise.
    package var tracer: (any Tracer)? = InstrumentationSystem.isTracing ? InstrumentationSystem.tracer : nil

    package init(program: String, host: String, processID: Int32) {
        self.program = program
        self.host = host
        self.processID = processID
    }
}

/// Claims jobs and runs their handlers until it is told to stop; ``Presence`` shows that it lives.
package final class Worker: Sendable {
    private let configuration: WorkerConfiguration
    private let observer: @Sendable (QueueEvent) -> Void
    private let workload = Workload()
    private let crew: Crew
    private let presence: Presence
    private let upkeep: QueueUpkeep
    private let claims: ClaimLoop
    private let scheduler: Scheduler
    let wakeUp = WakeUp()
    private let listener: WakeListener?

    package init(
        pool: Pool,
        configuration: WorkerConfiguration,
        handlers: [any JobHandler],
        observer: @escaping @Sendable (QueueEvent) -> Void = { _ in }
    ) {
        let tally = Tally()
        let observer: @Sendable (QueueEvent) -> Void = { event in
            tally.add(event)
            observer(event)
        }
        self.configuration = configuration
        self.observer = observer
        crew = Crew(
            pool: pool,
            configuration: configuration,
            handlers: Dictionary(uniqueKeysWithValues: handlers.map { ($0.kind, $0) }),
            workload: workload,
            observer: observer
        )
        presence = Presence(
            pool: pool,
            configuration: configuration,
            kinds: handlers.map(\.kind),
            workload: workload,
            tally: tally
        ) { [wakeUp] event in
            // They may be ours to do, and nobody else tells of them.
            if case .rescued = event { wakeUp.wake() }
            observer(event)
        }
        upkeep = QueueUpkeep(pool: pool, workload: workload, observer: observer)
        scheduler = Scheduler(pool: pool, defaults: configuration.schedules, observer: observer)
        listener = configuration.wake.listener.map { [wakeUp] listener in
            WakeListener(
                pool: pool,
                listener: listener,
                settings: configuration.wake,
                kinds: handlers.map(\.kind),
                wakeUp: wakeUp,
                observer: observer
            )
        }
        claims = ClaimLoop(
            pool: pool,
            configuration: configuration,
            kinds: handlers.map { [crew] in ($0.kind, crew.limit(of: $0)) },
            presence: presence,
            workload: workload,
            upkeep: upkeep,
            wakeUp: wakeUp,
            listener: listener,
            observer: observer
        )
    }

    /// No new jobs; those that run may end. ``run()`` returns when they have.
    package func stop() {
        claims.stop()
        workload.close()
    }

    /// Works until ``stop()`` is called or the task is cancelled.
    package func run() async {
        await withTaskGroup { group in
            group.addTask {
                await self.presence.stayAlive(seekingJobs: { self.claims.isIdle }) { view in
                    self.crew.stop(view.cancelling)
                    // Also where a long pause has begun and the worker must now look by itself.
                    if view.isDue || view.suspectsWait || !self.claims.isIdle { self.wakeUp.wake() }
                }
            }
            group.addTask { await self.presence.rescueRegularly() }
            group.addTask { await self.crew.commitGroups() }
            group.addTask { await self.crew.watchLimits() }
            group.addTask { await self.upkeep.run() }
            group.addTask { await self.scheduler.run() }
            group.addTask { await self.listener?.run() }
            await withTaskGroup { work in
                work.addTask { await self.crew.run { self.presence.worker } }
                await claims.run()
                workload.close()
                await workload.wait(atMost: configuration.grace, mindsClosing: false) { $0.held == 0 }
                crew.giveUp()
            }
            group.cancelAll()
        }
        // What was handed in and came too late is being given back.
        await workload.wait(atMost: .seconds(5), mindsClosing: false) { $0.held == 0 }
        // Only now: a registration under way when we were told to stop has come to its end too.
        await presence.retire()
        observer(.stopped)
    }

    /// Sleeps for the duration, shortened by up to half so that many workers do not move in step.
    static func pause(_ duration: Duration) async {
        try? await Task.sleep(for: jittered(duration))
    }

    static func jittered(_ duration: Duration) -> Duration { duration * Double.random(in: 0.5...1) }
}
