import Postgres
import Synchronization

/// A call that runs for all who ask the same meanwhile: so many at once, as after news, ask the database once.
final class SharedCall: Sendable {
    /// What whoever waits for it gets.
    enum Ending: Sendable {
        case answer(Answer)
        /// The database can't be reached, for nobody.
        case unavailable(CallError)
        /// It failed otherwise, or was cancelled by its own caller: what that means for others only their own calls can tell.
        case failed
        /// The time of the one who waits was up before.
        case late
        case cancelled
    }

    private struct State {
        var ending: Ending?
        var waiting: [Int: CheckedContinuation<Ending, Never>] = [:]
        var lastWaiter = 0
    }

    let claim: HotAnswers.Claim
    private let state = Mutex(State())

    init(_ claim: HotAnswers.Claim) { self.claim = claim }

    /// Ends it, for all who wait.
    func end(_ result: Result<Answer, CallError>) {
        let ending: Ending =
            switch result {
            case .success(let answer): .answer(answer)
            case .failure(let error) where error.code == .databaseUnavailable: .unavailable(error)
            case .failure: .failed
            }
        let waiting = state.withLock { state in
            state.ending = ending
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: ending) }
    }

    /// Waits for its end, not longer than the deadline and the caller's task.
    func wait(until deadline: Deadline) async -> Ending {
        await withTaskGroup(of: Ending.self) { group in
            group.addTask { await self.wait() }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return .late
            }
            let first = await group.next() ?? .failed
            group.cancelAll()
            return Task.isCancelled ? .cancelled : first
        }
    }

    private func wait() async -> Ending {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ending = state.withLock { state -> Ending? in
                    if let ending = state.ending { return ending }
                    if Task.isCancelled { return .cancelled }
                    state.waiting[waiter] = continuation
                    return nil
                }
                if let ending { continuation.resume(returning: ending) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume(returning: .cancelled)
        }
    }
}
