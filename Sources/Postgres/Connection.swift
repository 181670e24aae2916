import DequeModule
import Glibc
import Synchronization

/// One session with the server, always in pipeline mode but for COPY.
///
/// Any task may submit an operation; the operations are sent and answered in order. A caller that finds the connection
/// idle sends by itself and so saves the hop to the reactor's thread; otherwise its operation leaves with the next round
/// of the reactor, together with its neighbours. The reactor alone reads.
///
/// A connection is never repaired: a failed send, an unexpected result or an end of file finish it, every caller learns
/// of it, and the pool makes another.
final class Connection: Sendable {
    let socket: Int32
    let processID: Int32
    let openedAt = ContinuousClock.now

    /// The `poll` events to wait for; 0 while nobody waits during a COPY.
    let interest: Atomic<Int16>
    /// The nearest deadline in ticks; may be earlier than the truth, never later.
    let nextDeadline = Atomic<Int64>(.max)
    /// Operations submitted and not yet answered, for choosing the least busy of several connections.
    let load = Atomic<Int>(0)

    let reactor: Reactor
    let state: Mutex<State>
    private let cancelHandle: CancelHandle?
    private let cancelGrace: Duration
    private let lastID = Atomic<UInt64>(0)
    private let onNotification: (@Sendable (Notification) -> Void)?
    private let onClose = Mutex<(@Sendable () -> Void)?>(nil)

    struct State {
        var handle: LibPQ?
        var waiting = Deque<Operation>()
        var inFlight = Deque<Operation>()
        var prepared = Set<String>()
        /// Names that are still taken on the server by statements whose result type has changed since.
        var stale = Set<String>()
        var failure: PostgresError?
        var cancel: CancelInProgress?
        var isManual = false
        var readiness: ReadinessWaiter?
        var whenSettled: (@Sendable (_ isReusable: Bool) -> Void)?

        var isSettled: Bool { waiting.isEmpty && inFlight.isEmpty && cancel == nil && !isManual }
    }

    /// A cancel request under way. Nothing new is sent until the request has returned *and* its target is answered, so
    /// that it cannot hit a later statement.
    struct CancelInProgress {
        let target: UInt64
        let deadline: Int64
        var hasReturned = false
        var isAnswered = false
        /// When to ask again: a request that finds the server between two statements is forgotten.
        var repeatAt = Int64.max
    }

    struct ReadinessWaiter {
        let continuation: UnsafeContinuation<Bool, Never>
        let deadline: Int64
    }

    /// Operations on the wire at once. Enough to keep the server busy; few enough that a failure hits few.
    private static let window = 256
    private static let cancelPause: Duration = .milliseconds(50)
    /// The protocol counts parameters in 16 bits.
    private static let mostParameters = 65_535
    private static let readEvents = Int16(POLLIN)
    private static let readWriteEvents = Int16(POLLIN | POLLOUT)

    init(
        handle: sending LibPQ,
        reactor: Reactor,
        cancelGrace: Duration,
        onNotification: (@Sendable (Notification) -> Void)? = nil
    ) {
        self.socket = handle.socket
        self.processID = handle.processID
        self.cancelHandle = handle.cancelHandle
        self.reactor = reactor
        self.cancelGrace = cancelGrace
        self.onNotification = onNotification
        self.interest = Atomic(Self.readEvents)
        self.state = Mutex(State(handle: handle))
        reactor.add(self)
    }

    // MARK: Submitting

    /// Sends commands up to one sync and waits for their answer.
    ///
    /// Commands without a `BEGIN` among or before them are one implicit transaction: an error in one undoes those
    /// before it.
    func submit(_ commands: [PipelineCommand], effect: Effect, until deadline: Deadline) async -> Answer {
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        let ticks = deadline.ticks
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let operation = (commands, continuation)
                var completions = Completions()
                let mustWake = state.withLock { state in
                    let operation = Operation(
                        id: id,
                        commands: operation.0,
                        effect: effect,
                        deadline: ticks,
                        continuation: operation.1
                    )
                    return enqueue(operation, &state, &completions)
                }
                completions.run()
                if mustWake { reactor.wake() } else { reactor.note(deadline: ticks) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func enqueue(_ operation: Operation, _ state: inout State, _ completions: inout Completions) -> Bool {
        if let failure = state.failure {
            completions.answer(operation, .failure(failure))
            return false
        }
        // Under the mutex, so that a cancellation comes either before this look or finds the operation in its queue.
        if Task.isCancelled, operation.effect != .cleanup {
            completions.answer(operation, .failure(.cancelled))
            return false
        }
        // A commit that is sent too late would have to be given up as unknown; one that is not sent is known not to be.
        if operation.deadline <= Deadline.now.ticks, operation.effect != .cleanup {
            completions.answer(operation, .failure(.timedOut(.waitingForAnswer)))
            return false
        }
        if let error = Self.refusal(of: operation) {
            completions.answer(operation, .failure(.server(error)))
            return false
        }
        load.wrappingAdd(1, ordering: .relaxed)
        state.waiting.append(operation)
        lowerDeadline(to: operation.deadline)
        guard state.inFlight.isEmpty else { return false }
        pump(&state, &completions)
        return interest.load(ordering: .relaxed) == Self.readWriteEvents || state.failure != nil
    }

    /// Refuses what libpq could not send, in the server's words: a failed send would end the connection.
    private static func refusal(of operation: Operation) -> ServerError? {
        guard let command = operation.commands.first(where: { $0.parameters.count > mostParameters }) else {
            return nil
        }
        return ServerError(
            sqlState: .tooManyArguments,
            message: "\(command.parameters.count) parameters; a statement has at most \(mostParameters)",
            statement: command.sql.name
        )
    }

    /// Sends what waits, as far as the window and a cancel under way allow.
    private func pump(_ state: inout State, _ completions: inout Completions) {
        guard state.failure == nil, !state.isManual, let handle = state.handle else { return }
        while state.cancel == nil, state.inFlight.count < Self.window, let operation = state.waiting.popFirst() {
            // Appended first: after a failed send nobody knows how much of it the server has.
            state.inFlight.append(operation)
            guard send(operation, on: handle, &state) else {
                return fail(lastWord(.send, of: handle, state), &state, &completions)
            }
        }
        flush(handle, &state, &completions)
    }

    private func send(_ operation: Operation, on handle: LibPQ, _ state: inout State) -> Bool {
        for command in operation.commands {
            if command.isPrepared {
                if state.prepared.insert(command.sql.identifier).inserted {
                    if state.stale.remove(command.sql.identifier) != nil {
                        guard handle.sendUnprepared(.deallocate(command.sql.identifier), Parameters()) else {
                            return false
                        }
                        operation.steps.append(.deallocate(command.sql.identifier))
                    }
                    guard handle.sendPrepare(command.sql, types: command.parameters.types) else { return false }
                    operation.steps.append(.prepare(command.sql.identifier))
                }
                guard handle.sendExecute(command.sql, command.parameters) else { return false }
            } else {
                guard handle.sendUnprepared(command.sql, command.parameters) else { return false }
            }
            operation.steps.append(.run)
        }
        return handle.sync()
    }

    private func flush(_ handle: LibPQ, _ state: inout State, _ completions: inout Completions) {
        guard let isPending = handle.flush() else {
            return fail(lastWord(.send, of: handle, state), &state, &completions)
        }
        interest.store(isPending ? Self.readWriteEvents : Self.readEvents, ordering: .releasing)
    }

    // MARK: Receiving (reactor thread)

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
                // What an aborted step was to prepare or deallocate is as it was.
                switch operation.step {
                case .prepare(let identifier): state.prepared.remove(identifier)
                case .deallocate(let identifier): state.stale.insert(identifier)
                case .run: break
                }
            case .sync:
                state.inFlight.removeFirst()
                complete(operation, &state, &completions)
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
        if shouldRetry(operation) {
            operation.prepareForRetry()
            state.waiting.prepend(operation)
            return
        }
        load.wrappingSubtract(1, ordering: .relaxed)
        completions.answer(operation, operation.error.map { .failure($0) } ?? .success(operation.results))
        if state.cancel?.target == operation.id { state.cancel?.isAnswered = true }
        endCancelIfOver(&state)
    }

    /// Whether the server's refusal says nothing about the statement itself and it may be sent once more.
    private func shouldRetry(_ operation: Operation) -> Bool {
        guard case .server(let error) = operation.error, !operation.isAbandoned else { return false }
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

    // MARK: Cancelling

    /// The submitting task was cancelled.
    private func cancel(_ id: UInt64) {
        var completions = Completions()
        state.withLock { state in
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
    private func abandon(
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

    private func beginCancel(of operation: Operation, _ state: inout State) {
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
        Thread.detach { [self] in
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
        reactor.wake()
    }

    private func endCancelIfOver(_ state: inout State) {
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
            nextDeadline.store(nearestDeadline(state), ordering: .releasing)
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
                return fail(.connection(failure), &state, &completions)
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
        if ticks < nextDeadline.load(ordering: .relaxed) { nextDeadline.store(ticks, ordering: .releasing) }
    }

    // MARK: Ending

    /// Ends the connection: every caller is answered now, the handle is freed by the reactor.
    func fail(_ error: PostgresError, _ state: inout State, _ completions: inout Completions) {
        guard state.failure == nil else { return }
        state.failure = error
        for operation in state.inFlight {
            completions.answer(operation, .failure(operation.effect == .commits ? .commitUnknown : error))
        }
        for operation in state.waiting { completions.answer(operation, .failure(error)) }
        state.inFlight.removeAll()
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
        state.withLock { state in
            guard state.failure != nil else { return false }
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

    private func settleIfQuiet(_ state: inout State, _ completions: inout Completions) {
        guard state.isSettled, state.failure == nil, let action = state.whenSettled else { return }
        state.whenSettled = nil
        let isReusable = state.handle?.transactionStatus == .idle
        completions.afterwards { action(isReusable) }
    }

    /// Why the connection is lost: what the server said when it hung up, if it did, else what libpq says.
    private func lastWord(
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
