import Synchronization

/// What a task waits on while it has nothing to do. A call that comes before the wait is kept for it, and several are one.
///
/// One task waits at a time; anybody calls.
final class WakeUp: Sendable {
    private enum State {
        case quiet
        case called
        case awaited(CheckedContinuation<Bool, Never>)
    }

    private let state = Mutex(State.quiet)

    /// Whether the next wait will end at once.
    var isCalled: Bool {
        state.withLock { state in
            if case .called = state { true } else { false }
        }
    }

    func wake() {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard case .awaited(let waiter) = state else {
                state = .called
                return nil
            }
            state = .quiet
            return waiter
        }
        waiter?.resume(returning: true)
    }

    /// Waits until somebody calls; false when the task was cancelled before.
    @discardableResult
    func wait() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let answer = begin(continuation) { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard case .awaited(let waiter) = state else { return nil }
                state = .quiet
                return waiter
            }
            waiter?.resume(returning: false)
        }
    }

    /// As ``wait()``, but no longer than this; false also when the time is over.
    @discardableResult
    func wait(atMost limit: Duration) async -> Bool {
        await withTaskGroup { race in
            race.addTask { await self.wait() }
            race.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            var isWoken = false
            // Both, since a call may come in the moment in which the time is over.
            for await outcome in race {
                isWoken = isWoken || outcome
                race.cancelAll()
            }
            return isWoken
        }
    }

    /// The answer of a wait that needs no waiting; else the continuation is kept.
    private func begin(_ continuation: CheckedContinuation<Bool, Never>) -> Bool? {
        state.withLock { state in
            switch state {
            case .called:
                state = .quiet
                return true
            case .awaited: preconditionFailure("two tasks wait for one wake-up")
            case .quiet:
                // Under the mutex, so that a cancellation comes either before this look or finds the continuation.
                if Task.isCancelled { return false }
                state = .awaited(continuation)
                return nil
            }
        }
    }
}
