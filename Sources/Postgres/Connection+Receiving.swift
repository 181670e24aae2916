import DequeModule
import Synchronization

extension Connection {
    /// Reads what has come. Reactor thread only.
    func socketIsReady(_ events: Int16) {
        var completions = Completions()
        var notifications: [Notification] = []
        state.withLock { state in
            guard state.failure == nil, let handle = state.handle else { return }
            if state.isManual {
                interest.store(0, ordering: .releasing)
                let waiter = state.readiness?.continuation
                state.readiness = nil
                if let waiter { completions.afterwards { waiter.resume(returning: true) } }
                return
            }
            let isReadable = handle.consumeInput()
            receive(from: handle, &state, &completions)
            while let notification = handle.nextNotification() { notifications.append(notification) }
            guard state.failure == nil else { return }
            guard isReadable, handle.isUsable else {
                return fail(lastWord(.receive, of: handle, state), &state, &completions)
            }
            pump(&state, &completions)
            settleIfQuiet(&state, &completions)
        }
        completions.run()
        if let onNotification { notifications.forEach(onNotification) }
    }

    /// Matches every result that has arrived with the operation it belongs to.
    private func receive(from handle: LibPQ, _ state: inout State, _ completions: inout Completions) {
        var sawEnd = false
        while let operation = state.inFlight.first, !handle.isBusy {
            guard let outcome = handle.nextResult() else {
                // One NULL ends a command's results; a second in a row means that nothing more will come.
                guard !sawEnd, handle.isUsable else { return }
                sawEnd = true
                operation.finishedSteps += 1
                if !operation.endsSegment, operation.finishedSteps == operation.steps.count {
                    state.inFlight.removeFirst()
                    complete(operation, &state, &completions)
                }
                continue
            }
            sawEnd = false
            switch outcome {
            case .rows(let result), .command(let result):
                if case .run = operation.step { operation.results.append(result) }
            case .failed(let result):
                note(failed: result, in: operation, &state)
                // A FATAL is the server's last word; the first one names the cause.
                guard handle.isUsable else {
                    return fail(lastWord(.receive, of: handle, state), &state, &completions)
                }
            case .aborted:
                operation.isSkipped = operation.error == nil
                // What an aborted step was to prepare or deallocate is as it was.
                switch operation.step {
                case .prepare(let identifier): state.prepared.remove(identifier)
                case .deallocate(let identifier): state.stale.insert(identifier)
                case .run: break
                }
            case .sync:
                state.inFlight.removeFirst()
                complete(operation, &state, &completions)
                for skipped in state.skipped.reversed() { state.waiting.prepend(skipped) }
                state.skipped.removeAll()
            case .copyIn, .copyOut, .unexpected:
                let failure = ConnectionFailure(stage: .receive, message: "unexpected result \(outcome)")
                return fail(.connection(failure), &state, &completions)
            }
        }
    }

    private func note(failed result: QueryResult, in operation: Operation, _ state: inout State) {
        guard operation.error == nil else { return }
        let error = result.serverError(statement: operation.currentStatement)
        operation.error = .server(error)
        switch (operation.step, error.sqlState) {
        case (.prepare, .duplicatePreparedStatement), (.deallocate, .invalidStatementName):
            // Somebody was faster; the statement is as we want it.
            break
        case (.prepare(let identifier), _): state.prepared.remove(identifier)
        case (.deallocate(let identifier), _): state.stale.insert(identifier)
        case (.run, .invalidStatementName):
            // Deallocated behind our back, most likely with all the others but those on their way.
            state.prepared.formIntersection(state.inFlight.flatMap(\.steps).compactMap(\.prepares))
        case (.run, .featureNotSupported) where error.isChangedResultType:
            // Beyond the last command when a deferred trigger's own plan is meant.
            let failed = operation.commands.dropFirst(operation.results.count).first
            if let failed, state.prepared.remove(failed.sql.identifier) != nil {
                state.stale.insert(failed.sql.identifier)
            }
        case (.run, _): break
        }
    }

    private func complete(_ operation: Operation, _ state: inout State, _ completions: inout Completions) {
        if !operation.isAbandoned {
            if operation.isSkipped {
                operation.prepareForRetry()
                return state.skipped.append(operation)
            }
            if shouldRetry(operation) {
                operation.isRetried = true
                operation.prepareForRetry()
                return state.waiting.prepend(operation)
            }
        }
        load.wrappingSubtract(1, ordering: .relaxed)
        completions.answer(operation, operation.error.map { .failure($0) } ?? .success(operation.results))
        if state.cancel?.target == operation.id { state.cancel?.isAnswered = true }
        endCancelIfOver(&state)
    }

    /// Whether the server's refusal says nothing about the statement itself and it may be sent once more.
    private func shouldRetry(_ operation: Operation) -> Bool {
        guard case .server(let error) = operation.error else { return false }
        switch error.sqlState {
        case .invalidStatementName, .duplicatePreparedStatement: return !operation.isRetried && operation.standsAlone
        case .featureNotSupported:
            return error.isChangedResultType && !operation.isRetried && operation.standsAlone
        case .queryCanceled:
            // A cancel meant for a neighbour hit this one, maybe after the neighbour was done. It read only, so nothing
            // is done twice.
            return operation.effect == .read && operation.isExposedToCancel
        default:
            return false
        }
    }
}

extension Operation {
    /// The step whose results come next.
    fileprivate var step: Step { finishedSteps < steps.count ? steps[finishedSteps] : .run }

    /// Whether it is one statement outside any transaction, so that nothing is left of it once the server refused it.
    fileprivate var standsAlone: Bool { effect == .read || (effect == .commits && commands.count == 1) }
}

extension ServerError {
    /// Whether the plan cache found another result type than the statement was prepared with; 0A000 has other causes.
    fileprivate var isChangedResultType: Bool { routine == "RevalidateCachedQuery" }
}
