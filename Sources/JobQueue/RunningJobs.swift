import Synchronization

/// Counts the jobs that run and lets the claiming loop wait for the count to fall.
final class RunningJobs: Sendable {
    private struct State {
        var count = 0
        var waiters: [(below: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    func begin() { state.withLock { $0.count += 1 } }

    func end() {
        let ready = state.withLock { state in
            state.count -= 1
            let count = state.count
            let ready = state.waiters.filter { count < $0.below }
            state.waiters.removeAll { count < $0.below }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func waitUntilIdle() async { await waitForRoom(below: 1) }

    /// Waits until fewer than this many run.
    func waitForRoom(below limit: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.count < limit { return true }
                state.waiters.append((limit, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
