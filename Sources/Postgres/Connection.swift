import DequeModule
import Glibc
import Synchronization

/// One session with the server, always in pipeline mode but for COPY.
///
/// Any task may submit an operation; the operations are sent and answered in order. A caller that finds the connection
/// idle sends by itself and so saves the hop to the reactor's thread; otherwise it leaves its operation in the inbox, and
/// the reactor sends it in its next round, together with its neighbours. The reactor alone reads.
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
    let inbox = Mutex(Inbox())
    let state: Mutex<State>
    /// Lets the reactor pass by a healthy connection without taking its mutex.
    let hasFailed = Atomic<Bool>(false)

    var isUsable: Bool { !hasFailed.load(ordering: .acquiring) }
    let cancelHandle: CancelHandle?
    let cancelGrace: Duration
    private let lastID = Atomic<UInt64>(0)
    let onNotification: (@Sendable (Notification) -> Void)?
    let onClose = Mutex<(@Sendable () -> Void)?>(nil)

    /// What callers have handed in and nobody has taken over yet. Apart from the state, whose mutex is held during system
    /// calls: with one mutex for both, callers spent a third of their time waiting for it.
    struct Inbox {
        var submissions: [Submission] = []
        /// Whether somebody is bound to look in here: the reactor, since answers are due, or a caller about to send.
        var isWatched = false
        var failure: PostgresError?
    }

    struct State {
        var handle: LibPQ?
        var waiting = Deque<Operation>()
        var inFlight = Deque<Operation>()
        /// Skipped by the server since a neighbour in their segment failed; sent anew after the segment's end.
        var skipped: [Operation] = []
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
    /// Reads that share one sync, so one system call to send and one to answer. Measured on two cores with 64 tasks on 4
    /// connections and a one-row query, queries a second: 154,000 with 1, 240,000 with 8, 275,000 with 32, 251,000 with
    /// 64. More would also let a slow read hold back the answers of more quick ones before it.
    private static let longestSegment = 32
    static let cancelPause: Duration = .milliseconds(50)
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
        // A commit that is sent too late would have to be given up as unknown; one that is not sent is known not to be.
        if effect != .cleanup, deadline <= .now { return .failure(.timedOut(.waitingForAnswer)) }
        if let error = Self.refusal(of: commands) { return .failure(.server(error)) }
        guard let time = DatabaseTime.current else { return await wait(for: commands, effect, until: deadline) }
        let start = Deadline.now
        defer { time.add(start.duration(to: .now)) }
        return await wait(for: commands, effect, until: deadline)
    }

    private func wait(for commands: [PipelineCommand], _ effect: Effect, until deadline: Deadline) async -> Answer {
        let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                handIn(
                    Submission(
                        id: id,
                        commands: commands,
                        effect: effect,
                        deadline: deadline.ticks,
                        continuation: continuation
                    )
                )
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func handIn(_ submission: Submission) {
        let (refusal, mustSend) = inbox.withLock { inbox -> (PostgresError?, Bool) in
            if let failure = inbox.failure { return (failure, false) }
            // Under the mutex, so that a cancellation comes either before this look or finds the submission.
            if submission.effect != .cleanup, Task.isCancelled { return (.cancelled, false) }
            inbox.submissions.append(submission)
            defer { inbox.isWatched = true }
            return (nil, !inbox.isWatched)
        }
        if let refusal { return submission.continuation.resume(returning: .failure(refusal)) }
        load.wrappingAdd(1, ordering: .relaxed)
        lowerDeadline(to: submission.deadline)
        if !mustSend {
            reactor.note(deadline: submission.deadline)
        } else if reactor.isCurrent {
            reactor.sendLater(self)
        } else {
            sendInbox()
            reactor.note(deadline: submission.deadline)
        }
    }

    /// Sends what callers have handed in.
    func sendInbox() {
        var completions = Completions()
        let mustWake = state.withLock { state in
            pump(&state, &completions)
            return interest.load(ordering: .relaxed) == Self.readWriteEvents || state.failure != nil
        }
        completions.run()
        if mustWake { reactor.wake() }
    }

    /// Takes over what callers have handed in.
    func collect(_ state: inout State) {
        let isQuiet = state.waiting.isEmpty && state.inFlight.isEmpty
        let submissions = inbox.withLock { inbox in
            inbox.isWatched = !isQuiet || !inbox.submissions.isEmpty
            defer { inbox.submissions.removeAll() }
            return inbox.submissions
        }
        for submission in submissions { state.waiting.append(Operation(submission)) }
    }

    /// Refuses what libpq could not send, in the server's words: a failed send would end the connection.
    static func refusal(of commands: [PipelineCommand]) -> ServerError? {
        guard let command = commands.first(where: { $0.parameters.count > mostParameters }) else { return nil }
        return ServerError(
            sqlState: .tooManyArguments,
            message: "\(command.parameters.count) parameters; a statement has at most \(mostParameters)",
            statement: command.sql.name
        )
    }

    /// Sends what waits, as far as the window and a cancel under way allow.
    ///
    /// Neighbouring reads share a segment, which one sync ends: a failure in it makes the server skip the rest, and
    /// those, having read nothing, are sent anew.
    func pump(_ state: inout State, _ completions: inout Completions) {
        collect(&state)
        guard state.failure == nil, !state.isManual, let handle = state.handle else { return }
        var segment = 0
        while state.cancel == nil, state.inFlight.count < Self.window, let operation = state.waiting.popFirst() {
            segment += 1
            operation.endsSegment =
                segment == Self.longestSegment || state.inFlight.count + 1 == Self.window
                || !operation.sharesSegment || state.waiting.first?.sharesSegment != true
            if operation.endsSegment { segment = 0 }
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
        return !operation.endsSegment || handle.sync()
    }

    private func flush(_ handle: LibPQ, _ state: inout State, _ completions: inout Completions) {
        guard let isPending = handle.flush() else {
            return fail(lastWord(.send, of: handle, state), &state, &completions)
        }
        interest.store(isPending ? Self.readWriteEvents : Self.readEvents, ordering: .releasing)
    }
}

extension Operation {
    /// Whether it may stand in a segment with others.
    fileprivate var sharesSegment: Bool { effect == .read && !mustStandAlone }
}
