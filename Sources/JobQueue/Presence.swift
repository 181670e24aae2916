import Postgres
import Synchronization

/// Shows other processes that this one lives, and frees the jobs of those that don't.
///
/// A process shows it in two ways: its own session holds an advisory lock, which the server frees the moment the process
/// dies, and it touches its row regularly, for when the network dies instead. Every process rescues; no leader is needed,
/// since a wrong rescue costs time only. Behind a transaction pooler, where a session is another's the next moment, a process
/// shows it by its row alone, and only its silence counts against it.
///
/// Each touch looks round as well, for the dead and, where the process has nothing to do, for jobs that are due: one
/// statement twice a second is about all that an idle process asks of the database.
final class Presence: Sendable {
    private let pool: Pool
    private let configuration: WorkerConfiguration
    private let kinds: [String]
    private let workload: Workload
    private let tally: Tally
    private let observer: @Sendable (QueueEvent) -> Void
    private let state = Mutex(State())
    /// Called when another process is seen to be dead.
    private let loss = WakeUp()

    private struct State {
        var worker: Int64?
        var suspectsWait = false
    }

    /// Longer than any process lives: the session is kept for good, and each statement on it has a deadline of its own.
    private static let lifetime: Duration = .seconds(365 * 86400)
    private static let thoroughInterval: Duration = .seconds(5)
    private static let pauseAfterTrouble: Duration = .milliseconds(500)

    init(
        pool: Pool,
        configuration: WorkerConfiguration,
        kinds: [String],
        workload: Workload,
        tally: Tally,
        observer: @escaping @Sendable (QueueEvent) -> Void
    ) {
        self.pool = pool
        self.configuration = configuration
        self.kinds = kinds
        self.workload = workload
        self.tally = tally
        self.observer = observer
    }

    /// The worker that this process is, while it is registered.
    var worker: Int64? { state.withLock { $0.worker } }

    /// Whether jobs of our kinds wait to be run alone, as of the last look.
    var suspectsWait: Bool { state.withLock { $0.suspectsWait } }

    /// Keeps a session with the lock, and touches the row over it. A lost session is replaced; only a process that others
    /// took for dead registers anew.
    ///
    /// - Parameters:
    ///   - seeksJobs: whether to look for jobs that are due with the next touch.
    ///   - see: told what each touch saw.
    func stayAlive(seekingJobs seeksJobs: () -> Bool, seeing see: (Beat.View) -> Void) async {
        var previous: Int64?
        while !Task.isCancelled {
            do {
                if configuration.isPollOnly {
                    try await stayAlive(as: &previous, over: nil, seekingJobs: seeksJobs, seeing: see)
                } else {
                    try await pool.withSession(until: .after(Self.lifetime)) { session in
                        try await stayAlive(as: &previous, over: session, seekingJobs: seeksJobs, seeing: see)
                    }
                }
            } catch {
                if Task.isCancelled { break }
                observer(.databaseTrouble(reason: "\(error)"))
                await Worker.pause(.milliseconds(200))
            }
            state.withLock { $0.worker = nil }
        }
    }

    /// Signs off a process that has ended its jobs, also when its task was cancelled.
    func retire() async {
        guard let worker else { return }
        let retirement = RetireWorker(worker: worker, ended: workload.endedLeases)
        await Task { [pool] in _ = try? await pool.execute(retirement, until: .after(.seconds(2))) }.value
    }

    /// Frees the jobs of the dead whenever a touch saw some, and now and then all that have run for too long.
    func rescueRegularly() async {
        var nextThoroughLook = ContinuousClock.now
        var trouble = Trouble()
        while !Task.isCancelled {
            let isThorough = ContinuousClock.now >= nextThoroughLook
            let statement = RescueJobs(
                silence: configuration.silence,
                patience: configuration.patience,
                maximumCrashes: configuration.maximumCrashes,
                isThorough: isThorough
            )
            do {
                let rescued = try await pool.execute(statement, until: .after(.seconds(5)))
                if isThorough { nextThoroughLook = .now + Worker.jittered(Self.thoroughInterval) }
                if rescued.freed + rescued.quarantined > 0 {
                    observer(.rescued(freed: rescued.freed, quarantined: rescued.quarantined))
                }
                trouble.end()
            } catch {
                trouble.tell(error, of: "jobs can't be rescued", to: observer)
                await Worker.pause(Self.pauseAfterTrouble)
            }
            await loss.wait(atMost: ContinuousClock.now.duration(to: nextThoroughLook))
        }
    }

    // MARK: Private

    /// Returns when others have taken this process for dead.
    ///
    /// - Parameter session: what holds the lock; without one there is none, and any connection will do.
    private func stayAlive(
        as previous: inout Int64?,
        over session: Session?,
        seekingJobs seeksJobs: () -> Bool,
        seeing see: (Beat.View) -> Void
    ) async throws {
        let worker = try await enter(as: previous, over: session)
        previous = worker
        state.withLock { $0.worker = worker }
        var pace = Pace(ended: workload.settled)
        while let view = try await beat(worker, at: pace.perSecond, seeksJobs: seeksJobs(), over: session) {
            state.withLock { $0.suspectsWait = view.suspectsWait }
            if view.othersLost { loss.wake() }
            see(view)
            try await Task.sleep(for: configuration.heartbeatInterval)
            pace.look(at: workload.settled)
        }
        previous = nil
    }

    /// Takes the lock, as the worker we were where others still know it.
    private func enter(as previous: Int64?, over session: Session?) async throws -> Int64 {
        let deadline = Deadline.after(configuration.silence)
        while let previous {
            guard let session else {
                // There is no lock to take again.
                guard try await beat(previous, at: 0, seeksJobs: false, over: nil) != nil else { break }
                return previous
            }
            let answer = try await session.execute(ReclaimWorker(worker: previous), until: deadline)
            if answer.isLocked { return previous }
            guard answer.isKnown else { break }
            await Worker.pause(.milliseconds(50))
        }
        let registration = RegisterWorker(
            program: configuration.program,
            host: configuration.host,
            processID: configuration.processID,
            kinds: kinds,
            concurrency: configuration.concurrency,
            isPollOnly: session == nil
        )
        let registered = try await run(registration, over: session, until: deadline)
        guard registered.isLocked else { throw LockTaken(worker: registered.worker) }
        observer(.registered(worker: registered.worker))
        return registered.worker
    }

    /// Touches the worker's row and looks round; `nil` when others took it for dead.
    private func beat(
        _ worker: Int64,
        at pace: Float,
        seeksJobs: Bool,
        over session: Session?
    ) async throws(PostgresError) -> Beat.View? {
        let beat = Beat(
            worker: worker,
            pace: pace,
            tally: tally.count,
            silence: configuration.silence,
            patience: configuration.patience,
            handled: kinds,
            sought: seeksJobs ? kinds : []
        )
        return try await run(beat, over: session, until: .after(configuration.silence))
    }

    private func run<S: Statement>(
        _ statement: S,
        over session: Session?,
        until deadline: Deadline
    ) async throws(PostgresError) -> S.Output {
        guard let session else { return try await pool.execute(statement, until: deadline) }
        return try await session.execute(statement, until: deadline)
    }
}

/// How many jobs a worker ends a second, over the last ten seconds or so.
private struct Pace {
    private(set) var perSecond: Float = 0
    private var ended: Int
    private var instant = ContinuousClock.now

    init(ended: Int) { self.ended = ended }

    mutating func look(at ended: Int) {
        let now = ContinuousClock.now
        let elapsed = Float(instant.duration(to: now) / .seconds(1))
        guard elapsed > 0 else { return }
        perSecond += (Float(ended - self.ended) / elapsed - perSecond) * min(1, elapsed / 5)
        (self.ended, instant) = (ended, now)
    }
}

/// Somebody else holds the advisory lock of a worker that has just been registered: another program uses the same keys.
struct LockTaken: Error {
    let worker: Int64
}
