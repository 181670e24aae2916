import Synchronization

/// Knows the jobs that run and lets the claiming loop wait for their number to fall.
final class RunningJobs: Sendable {
    private struct State {
        var jobs: Set<Int64> = []
        var lastWaiter = 0
        var waiters: [Int: Waiter] = [:]
        /// Whether the worker stops, so that nobody waits for room any more.
        var isClosing = false
    }

    private struct Waiter {
        let below: Int
        /// Whether it is room that is waited for, and not the end of all jobs.
        let wantsRoom: Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.jobs.count } }

    var jobs: [Int64] { state.withLock { Array($0.jobs) } }

    func begin(_ job: Int64) { state.withLock { _ = $0.jobs.insert(job) } }

    func end(_ job: Int64) {
        release { state in
            state.jobs.remove(job)
            let count = state.jobs.count
            return { count < $0.below }
        }
    }

    /// Ends every wait for room, now and later; waits for the end of all jobs go on.
    func close() {
        release { state in
            state.isClosing = true
            return \.wantsRoom
        }
    }

    /// Waits until nothing runs, the time is over or the task is cancelled.
    func waitUntilIdle(atMost limit: Duration) async {
        await bounded(by: limit) { await self.wait(below: 1, wantsRoom: false) }
    }

    /// As ``waitForRoom(below:)``, but no longer than this.
    func waitForRoom(below limit: Int, atMost duration: Duration) async {
        await bounded(by: duration) { await self.waitForRoom(below: limit) }
    }

    private func bounded(by limit: Duration, _ wait: @escaping @Sendable () async -> Void) async {
        await withTaskGroup { race in
            race.addTask { await wait() }
            race.addTask { try? await Task.sleep(for: limit) }
            await race.next()
            race.cancelAll()
        }
    }

    /// Waits until fewer than this many run, the worker stops, or the task is cancelled.
    func waitForRoom(below limit: Int) async {
        await wait(below: limit, wantsRoom: true)
    }

    private func wait(below limit: Int, wantsRoom: Bool) async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.jobs.count < limit || wantsRoom && state.isClosing || Task.isCancelled { return true }
                    state.waiters[id] = Waiter(below: limit, wantsRoom: wantsRoom, continuation: continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
    }

    /// Changes the state and resumes the waiters whose limit the returned test accepts.
    private func release(_ change: (inout State) -> (Waiter) -> Bool) {
        let ready = state.withLock { state in
            let isReady = change(&state)
            let ready = state.waiters.filter { isReady($0.value) }
            for id in ready.keys { state.waiters[id] = nil }
            return Array(ready.values)
        }
        for waiter in ready { waiter.continuation.resume() }
    }
}
