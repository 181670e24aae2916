import Postgres
import Synchronization

/// Ends jobs in groups that share one round trip and one commit.
///
/// Whatever comes while a group is under way makes the next one, so a lone job does not wait for company and many jobs
/// need few commits. Where many come, a second group is sent while the first waits for its commit. A group is all or
/// nothing: where the server refuses it, over a lost lease or an effect, nothing of it is there, and its jobs are ended one
/// by one so that each learns its own fate.
final class Finisher: Sendable {
    private struct State {
        var waiting: [Ending] = []
        /// Those who wait for room.
        var line: [CheckedContinuation<Void, Never>] = []
        /// Groups under way.
        var underWay = 0
        var isClosed = false
    }

    /// Told what became of jobs: `nil` when they are done.
    typealias Report = @Sendable ([Ending], (any Error)?) -> Void

    private let pool: Pool
    private let state = Mutex(State())
    private let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Large enough that a commit costs a job little, small enough that doing it over does not take long.
    private static let largestGroup = 512
    /// With more in no group yet, whoever hands in waits.
    static let mostWaiting = 2 * largestGroup
    /// How many jobs are worth a commit of their own while another is under way.
    static let worthSecond = 128
    /// The server's own limits on statements and locks end most waits before.
    private static let patience = Duration.seconds(60)

    init(pool: Pool) { self.pool = pool }

    /// Jobs that were handed in and are in no group yet.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Ends what is handed in until the task is cancelled.
    func run(report: @escaping Report) async {
        await withDiscardingTaskGroup { groups in
            for await _ in arrivals {
                while let group = takeGroup() {
                    groups.addTask {
                        await self.end(group, report)
                        self.state.withLock { $0.underWay -= 1 }
                        self.arrival.yield()
                    }
                }
            }
        }
        let (left, line) = state.withLock { state in
            state.isClosed = true
            defer { (state.waiting, state.line) = ([], []) }
            return (state.waiting, state.line)
        }
        for continuation in line { continuation.resume() }
        if !left.isEmpty { report(left, CancellationError()) }
    }

    /// Takes a job to be ended with its effects, together with others. Returns at once, unless so many wait that the
    /// database can't keep up.
    ///
    /// - Throws: `CancellationError` when the worker has stopped.
    func handIn(_ ending: Ending) async throws(CancellationError) {
        let (isAccepted, isCrowded) = state.withLock { state in
            if !state.isClosed { state.waiting.append(ending) }
            return (!state.isClosed, state.waiting.count >= Self.mostWaiting)
        }
        guard isAccepted else { throw CancellationError() }
        arrival.yield()
        guard isCrowded else { return }
        await withCheckedContinuation { continuation in
            let mayGo = state.withLock { state in
                if state.isClosed || state.waiting.count < Self.mostWaiting { return true }
                state.line.append(continuation)
                return false
            }
            if mayGo { continuation.resume() }
        }
    }

    /// Ends what has been handed in, for a caller that has no task of its own for ``run(report:)``.
    ///
    /// - Throws: ``LeaseLost``, `PostgresError`: the first thing that went wrong.
    func endNow() async throws {
        let failure = Mutex<(any Error)?>(nil)
        while let group = takeGroup() {
            await end(group) { _, error in failure.withLock { $0 = $0 ?? error } }
            state.withLock { $0.underWay -= 1 }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Commits the ends of jobs and their effects, all of them or none. The leases are checked first, so that no effect of
    /// a lost one is even tried.
    static func commit(_ endings: [Ending], over pool: Pool, until deadline: Deadline) async throws {
        try await pool.withSession(until: deadline) { session in
            try await session.perform(FinishJobs.all(endings) + endings.flatMap(\.effects))
        }
    }

    /// What an error tells of the one job that was to end.
    static func meaning(of error: any Error, _ ending: Ending) -> any Error {
        (error as? PostgresError)?.sqlState == .leaseLost ? LeaseLost(job: ending.claim.job) : error
    }

    // MARK: Private

    /// The next group to be sent, if there is one and now is the time.
    private func takeGroup() -> [Ending]? {
        let (group, line) = state.withLock { state -> ([Ending]?, [CheckedContinuation<Void, Never>]) in
            let enough = [1, Self.worthSecond]
            guard state.underWay < enough.count, state.waiting.count >= enough[state.underWay] else { return (nil, []) }
            state.underWay += 1
            let group = Array(state.waiting.prefix(Self.largestGroup))
            state.waiting.removeFirst(group.count)
            defer { state.line = [] }
            return (group, state.line)
        }
        for continuation in line { continuation.resume() }
        return group
    }

    private func end(_ group: [Ending], _ report: Report) async {
        do {
            try await Self.commit(group, over: pool, until: .after(Self.patience))
            report(group, nil)
        } catch let error as PostgresError where error.sqlState != nil && group.count > 1 {
            for ending in group { await end([ending], report) }
        } catch {
            for ending in group { report([ending], Self.meaning(of: error, ending)) }
        }
    }

}
