import DequeModule
import Synchronization

extension Connection {
    /// The submitting task was cancelled.
    func cancel(_ id: UInt64) {
        var completions = Completions()
        state.withLock { state in
            collect(&state)
            if let index = state.waiting.firstIndex(where: { $0.id == id && $0.effect != .cleanup }) {
                load.wrappingSubtract(1, ordering: .relaxed)
                completions.answer(state.waiting.remove(at: index), .failure(.cancelled))
                settleIfQuiet(&state, &completions)
            } else if let operation = state.inFlight.first(where: { $0.id == id }) {
                abandon(operation, because: .cancelled, &state, &completions)
            }
        }
        completions.run()
    }

    /// Answers a caller that will not wait any longer, and stops its statement if that is what the server is doing.
    func abandon(
        _ operation: Operation,
        because error: PostgresError,
        _ state: inout State,
        _ completions: inout Completions
    ) {
        switch operation.effect {
        case .commits, .cleanup: return
        case .read, .provisional: break
        }
        completions.answer(operation, .failure(error))
        if state.inFlight.first === operation { beginCancel(of: operation, &state) }
    }

    func beginCancel(of operation: Operation, _ state: inout State) {
        guard state.cancel == nil, cancelHandle != nil else { return }
        let deadline = Deadline.after(cancelGrace).ticks
        state.cancel = CancelInProgress(target: operation.id, deadline: deadline)
        lowerDeadline(to: deadline)
        for neighbour in state.inFlight where neighbour !== operation { neighbour.isExposedToCancel = true }
        requestCancel(&state)
    }

    private func requestCancel(_ state: inout State) {
        guard let cancelHandle else { return }
        state.cancel?.hasReturned = false
        state.cancel?.repeatAt = .max
        let isRunning = Thread.detach { [self] in
            cancelHandle.request()
            var completions = Completions()
            self.state.withLock { state in
                let repeatAt = Deadline.after(Self.cancelPause).ticks
                state.cancel?.hasReturned = true
                state.cancel?.repeatAt = repeatAt
                lowerDeadline(to: repeatAt)
                endCancelIfOver(&state)
                pump(&state, &completions)
                settleIfQuiet(&state, &completions)
            }
            completions.run()
            reactor.wake()
        }
        if !isRunning {
            // No thread left: asked again after the pause, like a request that the server overlooked.
            let repeatAt = Deadline.after(Self.cancelPause).ticks
            state.cancel?.repeatAt = repeatAt
            lowerDeadline(to: repeatAt)
        }
        reactor.wake()
    }

    func endCancelIfOver(_ state: inout State) {
        if let cancel = state.cancel {
            guard cancel.hasReturned, cancel.isAnswered else { return }
            state.cancel = nil
        }
        // A statement whose caller has left while it stood in line is now holding up the others.
        if let next = state.inFlight.first, next.isAbandoned { beginCancel(of: next, &state) }
    }

    // MARK: Deadlines (reactor thread)

    func expire(now: Int64) {
        var completions = Completions()
        state.withLock { state in
            // Forgotten before the inbox is emptied: what is handed in later lowers it again.
            nextDeadline.store(.max, ordering: .sequentiallyConsistent)
            collect(&state)
            let late = state.waiting.filter { $0.deadline <= now }
            state.waiting.removeAll { $0.deadline <= now }
            for operation in late {
                load.wrappingSubtract(1, ordering: .relaxed)
                completions.answer(operation, .failure(.timedOut(.waitingForAnswer)))
            }
            expireInFlight(now: now, &state, &completions)
            if let waiter = state.readiness, waiter.deadline <= now {
                state.readiness = nil
                interest.store(0, ordering: .releasing)
                completions.afterwards { waiter.continuation.resume(returning: false) }
            }
            settleIfQuiet(&state, &completions)
            lowerDeadline(to: nearestDeadline(state))
        }
        completions.run()
    }

    private func expireInFlight(now: Int64, _ state: inout State, _ completions: inout Completions) {
        if let cancel = state.cancel, cancel.deadline <= now {
            let failure = ConnectionFailure(stage: .receive, message: "no answer to a cancel request")
            return fail(.connection(failure), &state, &completions)
        }
        if let cancel = state.cancel, cancel.repeatAt <= now, !cancel.isAnswered { requestCancel(&state) }
        for operation in state.inFlight where operation.deadline <= now && !operation.isAbandoned {
            guard operation.effect != .commits, operation.effect != .cleanup else {
                // Cancelling could turn an unreplicated commit into a reported success; closing cannot.
                let failure = ConnectionFailure(stage: .receive, message: "no answer to a commit by its deadline")
                return fail(.connection(failure), &state, &completions, loss: .deadlinePassed)
            }
            abandon(operation, because: .timedOut(.waitingForAnswer), &state, &completions)
        }
    }

    private func nearestDeadline(_ state: borrowing State) -> Int64 {
        var nearest = min(state.cancel?.deadline ?? .max, state.readiness?.deadline ?? .max)
        nearest = min(nearest, state.cancel?.repeatAt ?? .max)
        for operation in state.waiting { nearest = min(nearest, operation.deadline) }
        for operation in state.inFlight where !operation.isAbandoned { nearest = min(nearest, operation.deadline) }
        return nearest
    }

    func lowerDeadline(to ticks: Int64) {
        guard ticks < nextDeadline.load(ordering: .relaxed) else { return }
        _ = nextDeadline.min(ticks, ordering: .sequentiallyConsistent)
    }
}
