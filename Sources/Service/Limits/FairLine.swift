import Access
import NIOCore
import Postgres
import Synchronization

/// Where calls wait for the database, in turn by connection; see ``FairQueue``.
final class FairLine: Sendable {
    private enum Outcome {
        case run
        case refused
        case late
        case cancelled
    }

    private struct State {
        var queue: FairQueue
        /// How long a call waits for its turn.
        var patience: Duration
        var continuations: [Int: CheckedContinuation<Outcome, Never>] = [:]
        var lastTicket = 0
        /// What became of calls before they had begun to wait for it.
        var early: [Int: Outcome] = [:]
        var isTicking = false
    }

    private let loop: any EventLoop
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>
    private let metrics: Metrics

    /// - Parameters:
    ///   - loop: where the time of those who wait is looked at.
    ///   - now: nanoseconds of a monotonic clock.
    init(limits: ServiceLimits, loop: any EventLoop, metrics: Metrics, now: @escaping @Sendable () -> Int64) {
        self.metrics = metrics
        self.loop = loop
        self.now = now
        state = Mutex(State(queue: FairQueue(limits), patience: limits.lineWait))
    }

    /// Takes on other limits; who waits goes on waiting.
    func adopt(_ limits: ServiceLimits) {
        let granted = state.withLock { state in
            state.patience = limits.lineWait
            return state.queue.adopt(limits)
        }
        resume(granted, .run)
    }

    var waiting: Int { state.withLock { $0.queue.waiting } }

    /// Runs the body when it is the connection's turn.
    ///
    /// - Parameter weight: how much of the capacity it takes; 0 is never kept waiting.
    func run(
        _ weight: Int,
        of connection: Int,
        isKnown: Bool,
        until deadline: Deadline,
        _ body: () async -> CallOutcome
    ) async -> CallOutcome {
        guard weight > 0 else { return await body() }
        switch await enter(
            weight,
            connection,
            isKnown,
            min(state.withLock { $0.patience }, ContinuousClock.now.duration(to: deadline))
        ) {
        case .run:
            let outcome = await body()
            leave(weight)
            return outcome
        case .late where deadline <= .now: return CallOutcome(result: .failure(.expired), account: CallAccount())
        case .refused, .late:
            metrics.callsShed.add()
            return CallOutcome(result: .failure(.overloaded), account: CallAccount())
        case .cancelled:
            return CallOutcome(
                result: .failure(CallError(.cancelled, "the call was cancelled")),
                account: CallAccount()
            )
        }
    }

    private func enter(_ weight: Int, _ connection: Int, _ isKnown: Bool, _ patience: Duration) async -> Outcome {
        let since = now()
        let (ticket, entry) = state.withLock { state in
            state.lastTicket += 1
            let call = FairQueue.Call(
                ticket: state.lastTicket,
                connection: connection,
                weight: weight,
                isKnown: isKnown,
                since: since,
                until: since + Int64(patience.milliseconds) * 1_000_000
            )
            return (state.lastTicket, state.queue.enter(call))
        }
        switch entry {
        case .run: return .run
        case .refuse: return .refused
        case .wait: break
        case .waitInsteadOf(let other): resume([other], .refused)
        }
        metrics.callsWaiting.add()
        defer { metrics.callsWaiting.add(-1) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Between the two locks it may have been granted, shed or cancelled.
                let isOver = state.withLock { state -> Outcome? in
                    if let early = state.early.removeValue(forKey: ticket) { return early }
                    state.continuations[ticket] = continuation
                    return nil
                }
                if let isOver { continuation.resume(returning: isOver) } else { tick() }
            }
        } onCancel: {
            if state.withLock({ $0.queue.withdraw(ticket) }) { resume([ticket], .cancelled) }
        }
    }

    private func leave(_ weight: Int) {
        let granted = state.withLock { $0.queue.leave(weight) }
        resume(granted, .run)
    }

    private func resume(_ tickets: [Int], _ outcome: Outcome) {
        guard !tickets.isEmpty else { return }
        let continuations = state.withLock { state -> [CheckedContinuation<Outcome, Never>] in
            tickets.compactMap { ticket -> CheckedContinuation<Outcome, Never>? in
                if let continuation = state.continuations.removeValue(forKey: ticket) { return continuation }
                state.early[ticket] = outcome
                return nil
            }
        }
        for continuation in continuations { continuation.resume(returning: outcome) }
    }

    // MARK: Time

    /// Looks at those who wait as long as there are any.
    private func tick() {
        let isFirst = state.withLock { state in
            defer { state.isTicking = true }
            return !state.isTicking
        }
        if isFirst { schedule() }
    }

    private func schedule() {
        loop.scheduleTask(in: .milliseconds(100)) { [self] in
            expire()
            let goesOn = state.withLock { state in
                state.isTicking = state.queue.waiting > 0
                return state.isTicking
            }
            if goesOn { schedule() }
        }
    }

    /// Sends away those who have waited for too long.
    func expire() {
        let moment = now()
        resume(state.withLock { $0.queue.expire(at: moment) }, .late)
    }
}

extension CallError {
    /// The answer to a call whose time was up before its turn came.
    static var expired: CallError {
        var error = CallError(.deadlineExceeded, "the call's deadline passed before it could begin")
        error.retryAfterMilliseconds = 100
        return error
    }

    /// The answer to a call for which there was no room in time.
    static var overloaded: CallError {
        var error = CallError(.overloaded, "too many calls wait for the database")
        error.retryAfterMilliseconds = 1000
        return error
    }

    /// The answer to a caller who has spent what he may.
    static func rateLimited(retryAfter milliseconds: Int) -> CallError {
        var error = CallError(.rateLimited, "too many calls from your address or token")
        error.retryAfterMilliseconds = milliseconds
        error.hint = "system.limits has what calls cost and how fast that comes back"
        return error
    }
}
