import Postgres
import Synchronization

/// How one job is to end.
struct Ending: Sendable {
    let job: Int64
    let token: Int64
    let result: JSONText?
    let effects: [any Command]
}

/// Ends jobs in groups that share one round trip and one commit.
///
/// Whatever comes while a group is under way makes the next one, so a lone job does not wait for company and many jobs
/// need few commits. A group is all or nothing: where the server refuses it, over a lost lease or an effect, nothing of it
/// is there, and its jobs are ended one by one so that each learns its own fate.
final class Finisher: Sendable {
    private typealias Continuation = CheckedContinuation<Result<Void, any Error>, Never>

    private struct Waiter {
        let id: Int
        let ending: Ending
        let continuation: Continuation
    }

    private struct State {
        var waiting: [Waiter] = []
        var lastID = 0
        var isClosed = false
    }

    private let pool: Pool
    private let state = Mutex(State())
    private let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Large enough that a commit costs a job little, small enough that doing it over does not take long.
    private static let largestGroup = 256
    /// The server's own limits on statements and locks end most waits before.
    private static let patience = Duration.seconds(60)

    init(pool: Pool) { self.pool = pool }

    /// Jobs that were handed in and are in no group yet.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Ends what is handed in until the task is cancelled.
    func run() async {
        for await _ in arrivals {
            while let group = takeGroup() { await end(group) }
        }
        let left = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in left { waiter.continuation.resume(returning: .failure(CancellationError())) }
    }

    /// Ends a job with its effects, together with others.
    ///
    /// - Throws: ``LeaseLost``, `PostgresError`, or `CancellationError` when the task was cancelled before the job's turn.
    func end(_ ending: Ending) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: Continuation) in
                let isAccepted = state.withLock { state in
                    if state.isClosed || Task.isCancelled { return false }
                    state.waiting.append(Waiter(id: id, ending: ending, continuation: continuation))
                    return true
                }
                if isAccepted {
                    arrival.yield()
                } else {
                    continuation.resume(returning: .failure(CancellationError()))
                }
            }
        } onCancel: {
            withdraw(id)
        }
        try outcome.get()
    }

    // MARK: Private

    private func withdraw(_ id: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: index)
        }
        waiter?.continuation.resume(returning: .failure(CancellationError()))
    }

    private func takeGroup() -> [Waiter]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return nil }
            let group = Array(state.waiting.prefix(Self.largestGroup))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func end(_ group: [Waiter]) async {
        do {
            try await commit(group.map(\.ending))
            for waiter in group { waiter.continuation.resume(returning: .success(())) }
        } catch let error as PostgresError where error.sqlState != nil && group.count > 1 {
            for waiter in group { await end([waiter]) }
        } catch {
            for waiter in group {
                waiter.continuation.resume(returning: .failure(Self.meaning(of: error, waiter.ending)))
            }
        }
    }

    /// The leases are checked first, so that no effect of a lost one is even tried.
    private func commit(_ endings: [Ending]) async throws {
        try await pool.withSession(until: .after(Self.patience)) { session in
            try await session.perform([FinishJobs(endings: endings)] + endings.flatMap(\.effects))
        }
    }

    private static func meaning(of error: any Error, _ ending: Ending) -> any Error {
        (error as? PostgresError)?.sqlState == .leaseLost ? LeaseLost(job: ending.job) : error
    }
}
