import DequeModule
import Glibc
import Synchronization

extension Connection {
    /// Ends the connection: every caller is answered now, the handle is freed by the reactor.
    ///
    /// - Parameter loss: what a commit under way is told.
    func fail(
        _ error: PostgresError,
        _ state: inout State,
        _ completions: inout Completions,
        loss: PostgresError.CommitLoss = .connectionLost
    ) {
        guard state.failure == nil else { return }
        state.failure = error
        hasFailed.store(true, ordering: .releasing)
        // First the flag, then the last look: nothing is handed in after it.
        inbox.withLock { $0.failure = error }
        collect(&state)
        for operation in state.inFlight {
            completions.answer(operation, .failure(operation.effect == .commits ? .commitUnknown(loss) : error))
        }
        for operation in state.skipped + state.waiting { completions.answer(operation, .failure(error)) }
        state.inFlight.removeAll()
        state.skipped.removeAll()
        state.waiting.removeAll()
        if let waiter = state.readiness {
            state.readiness = nil
            completions.afterwards { waiter.continuation.resume(returning: false) }
        }
        if let whenSettled = state.whenSettled {
            state.whenSettled = nil
            completions.afterwards { whenSettled(false) }
        }
        // libpq closes a socket that failed, and its number may be another's by now: only libpq knows.
        if let socket = state.handle?.socket, socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
        completions.afterwards { [reactor] in reactor.wake() }
    }

    /// Closes the connection from outside, for example when the pool has too many.
    func close(because error: PostgresError = .poolClosed) {
        var completions = Completions()
        state.withLock { state in fail(error, &state, &completions) }
        completions.run()
    }

    /// Frees the handle of a failed connection. Reactor thread only, since it might be polling the socket.
    func finishIfFailed() -> Bool {
        guard !isUsable else { return false }
        return state.withLock { state in
            state.handle?.finish()
            state.handle = nil
            return true
        }
    }

    /// Sets what the owner does when the connection is over; at once if it already is.
    func whenClosed(_ action: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            if state.handle != nil { onClose.withLock { $0 = action } }
            return state.handle == nil
        }
        if isClosed { action() }
    }

    func announceClosed() {
        let action = onClose.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
    }

    /// Calls back once nothing is under way any more, also no cancel request, and says whether the connection may be
    /// lent again: it is alive and outside any transaction.
    func whenSettled(_ action: @escaping @Sendable (_ isReusable: Bool) -> Void) {
        var completions = Completions()
        state.withLock { state in
            if state.failure != nil {
                completions.afterwards { action(false) }
            } else {
                state.whenSettled = action
                settleIfQuiet(&state, &completions)
            }
        }
        completions.run()
    }

    func settleIfQuiet(_ state: inout State, _ completions: inout Completions) {
        guard state.isSettled, state.failure == nil, let action = state.whenSettled else { return }
        state.whenSettled = nil
        let isReusable = state.handle?.transactionStatus == .idle
        completions.afterwards { action(isReusable) }
    }

    /// Why the connection is lost: what the server said when it hung up, if it did, else what libpq says.
    func lastWord(
        _ stage: ConnectionFailure.Stage,
        of handle: LibPQ,
        _ state: borrowing State
    ) -> PostgresError {
        guard case .server(let error) = state.inFlight.first?.error, error.severity != "ERROR" else {
            return .connection(ConnectionFailure(stage: stage, message: handle.message))
        }
        return .connection(ConnectionFailure(stage: stage, message: error.message, cause: error.sqlState))
    }
}
