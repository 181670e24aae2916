import Synchronization

/// A pool with two faces: quick autocommit reads are pipelined over a few shared connections, everything else is lent a
/// connection of its own.
///
/// Connections are made on demand. A server that refuses us makes callers fail at once for a short, growing while, and
/// the next call after it tries again; nothing needs to be restarted when the server comes back.
package final class Pool: Sendable {
    private let configuration: PostgresConfiguration
    private let reactor = Reactor()
    private let observer: @Sendable (PoolEvent) -> Void
    private let state: Mutex<State>

    private typealias Waiter = UnsafeContinuation<Result<Connection, PostgresError>, Never>

    private struct State {
        var shared: SharedSlots<Connection>
        var leases: LeasePool<Connection>
        var waiters: [Int: (continuation: Waiter, timer: UInt64)] = [:]
        var lastWaiter = 0
    }

    /// Starts the pool's thread; the first connection is made with the first call.
    ///
    /// - Parameter observer: called on any thread for each ``PoolEvent``; must not block.
    package init(_ configuration: PostgresConfiguration, observer: @escaping @Sendable (PoolEvent) -> Void = { _ in }) {
        self.configuration = configuration
        self.observer = observer
        self.state = Mutex(
            State(
                shared: SharedSlots(limit: max(1, configuration.sharedConnections)),
                leases: LeasePool(limit: max(1, configuration.leasedConnections))
            )
        )
        reactor.start()
    }

    deinit { close() }

    /// The thread that reads the pool's sockets, as an executor for tasks that do little more between their statements
    /// than hand them on: there an answer resumes its caller without waking another thread. A task that computes or
    /// blocks there holds up every other caller.
    package var executor: any TaskExecutor { reactor }

    // MARK: Running statements

    /// Runs one statement outside a transaction.
    ///
    /// - Throws: ``PostgresError``; a write whose answer was lost is ``PostgresError/commitUnknown(_:)``.
    package func execute<S: Statement>(_ statement: S, until deadline: Deadline) async throws(PostgresError) -> S.Output
    {
        switch S.route {
        case .shared:
            let connection = try await acquire(shared: true, until: deadline)
            return try await connection.run(statement, effect: .read, until: deadline)
        case .leasedRead: return try await lease(for: statement, effect: .read, until: deadline)
        case .leased: return try await lease(for: statement, effect: .commits, until: deadline)
        }
    }

    private func lease<S: Statement>(
        for statement: S,
        effect: Effect,
        until deadline: Deadline
    ) async throws(PostgresError) -> S.Output {
        let connection = try await acquire(shared: false, until: deadline)
        defer { giveBack(connection) }
        return try await connection.run(statement, effect: effect, until: deadline)
    }

    /// Runs one statement in a read-only transaction of its own that begins with another, such as one that takes on a role:
    /// in one round trip, on a connection of the caller's own. With none to begin with it is ``execute(_:until:)``.
    package func read<S: Statement>(
        _ statement: S,
        after first: (any Statement)?,
        until deadline: Deadline
    ) async throws(PostgresError) -> S.Output {
        guard let first else { return try await execute(statement, until: deadline) }
        let connection = try await acquire(shared: false, until: deadline)
        defer { giveBack(connection) }
        return try await Session(connection: connection, deadline: deadline).read(statement, after: first)
    }

    /// Lends a connection for as long as the body runs.
    package func withSession<Value>(
        until deadline: Deadline,
        _ body: (Session) async throws -> Value
    ) async throws -> Value {
        let connection = try await acquire(shared: false, until: deadline)
        defer { giveBack(connection) }
        return try await body(Session(connection: connection, deadline: deadline))
    }

    /// Runs the body in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// `BEGIN` travels with the first statement. The body may run again only at the caller's wish: nothing is retried
    /// here.
    ///
    /// - Parameters:
    ///   - first: a statement that travels with the `BEGIN`, such as one that takes on a role.
    ///   - limitsStatements: whether the server is told the deadline too, as the transaction's `statement_timeout`: so none
    ///     of its statements outlives it with its locks, even where no cancel request gets through.
    ///   - last: a statement that travels with the `COMMIT` once the body has returned. If it fails, everything is rolled
    ///     back.
    /// - Throws: what the body throws; ``PostgresError/commitUnknown(_:)`` when no answer came to the `COMMIT`;
    ///   ``PostgresError/rolledBack`` when the body swallowed a statement's error and so left nothing to commit.
    package func withTransaction<Value>(
        _ isolation: Isolation = .readCommitted,
        until deadline: Deadline,
        first: (any Statement)? = nil,
        limitsStatements: Bool = false,
        last: (any Statement)? = nil,
        _ body: (Session) async throws -> Value
    ) async throws -> Value {
        try await withSession(until: deadline) { session in
            try await session.transaction(
                isolation,
                first: first,
                limitsStatements: limitsStatements,
                last: last,
                body
            )
        }
    }

    /// Asks the database for a sign of life, over a leased connection.
    package func check(until deadline: Deadline) async throws(PostgresError) {
        let connection = try await acquire(shared: false, until: deadline)
        let answer = await connection.submit([.control(.check)], effect: .provisional, until: deadline)
        giveBack(connection)
        _ = try answer.get()
    }

    /// Waits until the database answers, calling back after each failed try. For the start of a program.
    package func waitUntilReady(onFailure: (PostgresError) -> Void) async throws {
        while true {
            do throws(PostgresError) {
                return try await check(until: .after(.seconds(10)))
            } catch {
                switch error {
                case .cancelled, .poolClosed: throw error
                case .server, .connection, .commitUnknown, .rolledBack, .timedOut, .decoding: onFailure(error)
                }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Callers that stand in line for a connection.
    package var waiting: Int { state.withLock { $0.waiters.count } }

    /// Closes every connection that is not lent; a lent one closes when it comes back.
    package func close() {
        let (open, idle, waiters) = state.withLock { state in
            let shared = state.shared.close()
            let leases = state.leases.close()
            return (shared.open, leases.idle, take(shared.waiters + leases.waiters, from: &state))
        }
        for connection in open + idle { connection.close() }
        for waiter in waiters { waiter.resume(returning: .failure(.poolClosed)) }
        reactor.stop()
    }

    // MARK: Acquiring

    private func acquire(shared: Bool, until deadline: Deadline) async throws(PostgresError) -> Connection {
        if shared, let connection = leastBusyShared() { return connection }
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: Waiter) in
                request(id, shared: shared, continuation, until: deadline)
            }
        } onCancel: {
            withdraw(id, because: .cancelled)
        }
        return try outcome.get()
    }

    /// The common case without a continuation: every slot is open and one is chosen.
    private func leastBusyShared() -> Connection? {
        state.withLock { state in
            guard state.shared.open.count == state.shared.limit else { return nil }
            // One that has failed has the least to do.
            return state.shared.open.min { $0.currentLoad < $1.currentLoad }.flatMap { $0.isUsable ? $0 : nil }
        }
    }

    private func request(_ id: Int, shared: Bool, _ continuation: Waiter, until deadline: Deadline) {
        let (answer, connect) = state.withLock { state -> (Result<Connection, PostgresError>?, Bool) in
            if Task.isCancelled { return (.failure(.cancelled), false) }
            let now = Deadline.now.ticks
            if shared {
                switch state.shared.request(id, now: now, load: { $0.isUsable ? $0.currentLoad : nil }) {
                case .use(let connection, let connect): return (.success(connection), connect)
                case .fail(let error): return (.failure(error), false)
                case .wait(let connect):
                    enlist(id, continuation, until: deadline, &state)
                    return (nil, connect)
                }
            }
            switch state.leases.request(id, now: now) {
            case .lend(let connection): return (.success(connection), false)
            case .fail(let error): return (.failure(error), false)
            case .wait(let connect):
                enlist(id, continuation, until: deadline, &state)
                return (nil, connect)
            }
        }
        if connect { self.connect(shared: shared) }
        if let answer { continuation.resume(returning: answer) }
    }

    /// Puts a waiter into the table together with its timer: under the lock, so that a timer that is due at once finds
    /// the waiter.
    private func enlist(_ id: Int, _ continuation: Waiter, until deadline: Deadline, _ state: inout State) {
        let timer = reactor.schedule(at: deadline) { [weak self] in
            self?.withdraw(id, because: .timedOut(.waitingForConnection))
        }
        state.waiters[id] = (continuation, timer)
    }

    private func withdraw(_ id: Int, because error: PostgresError) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.leases.withdraw(id) || state.shared.withdraw(id) else { return nil }
            return take([id], from: &state).first
        }
        guard let waiter else { return }
        if case .timedOut = error { observer(.leaseTimedOut) }
        waiter.resume(returning: .failure(error))
    }

    /// Removes waiters from the table, with their timers, and hands out their continuations.
    private func take(_ ids: [Int], from state: inout State) -> [Waiter] {
        ids.compactMap { id in
            guard let waiter = state.waiters.removeValue(forKey: id) else { return nil }
            reactor.cancelTimer(waiter.timer)
            return waiter.continuation
        }
    }

    // MARK: Connecting and returning

    private func connect(shared: Bool) {
        Connector.connect(configuration, readOnly: shared, reactor: reactor) { [self] outcome in
            switch outcome {
            case .success(let connection):
                observer(.connected(processID: connection.processID))
                adopt(connection, shared: shared)
            case .failure(let failure):
                observer(.connectFailed(failure))
                connectFailed(failure, shared: shared)
            }
        }
    }

    private func connectFailed(_ failure: ConnectionFailure, shared: Bool) {
        let (waiters, retryIn) = state.withLock { state -> ([Waiter], Int64?) in
            let now = Deadline.now.ticks
            let jitter = Double.random(in: 0..<1)
            guard !shared else {
                return (take(state.shared.connectFailed(failure, now: now, jitter: jitter), from: &state), nil)
            }
            let outcome = state.leases.connectFailed(failure, now: now, jitter: jitter)
            return (take(outcome.failed, from: &state), outcome.retryIn)
        }
        for waiter in waiters { waiter.resume(returning: .failure(.connection(failure))) }
        guard let retryIn else { return }
        _ = reactor.schedule(at: .now + .nanoseconds(retryIn)) { [weak self] in
            guard let self, state.withLock({ $0.leases.retry() }) else { return }
            connect(shared: false)
        }
    }

    private func adopt(_ connection: Connection, shared: Bool) {
        guard shared else {
            let (decision, connect) = state.withLock { state -> (LeasePool<Connection>.Return, Bool) in
                state.leases.connected(connection)
            }
            if connect { self.connect(shared: false) }
            carryOut(decision)
            watch(connection)
            return
        }
        let (waiters, isWanted) = state.withLock { state in
            let (ids, isWanted) = state.shared.connected(connection)
            return (take(ids, from: &state), isWanted)
        }
        watch(connection)
        if !isWanted { connection.close() }
        for waiter in waiters { waiter.resume(returning: .success(connection)) }
    }

    /// Forgets the connection when it is over, whoever ended it.
    private func watch(_ connection: Connection) {
        connection.whenClosed { [weak self, weak connection] in
            guard let self, let connection else { return }
            state.withLock { state in
                state.shared.lost(connection)
                state.leases.lost(connection)
            }
            observer(.closed(processID: connection.processID))
        }
    }

    private func giveBack(_ connection: Connection) {
        connection.whenSettled { [self] isReusable in
            let isYoung = connection.openedAt.duration(to: .now) < configuration.maximumLifetime
            let decision = state.withLock { state -> LeasePool<Connection>.Return in
                state.leases.returned(connection, isReusable: isReusable && isYoung)
            }
            carryOut(decision)
        }
    }

    private func carryOut(_ decision: LeasePool<Connection>.Return) {
        switch decision {
        case .park: break
        case .discard(let connection, let connect):
            connection.close()
            if connect { self.connect(shared: false) }
        case .lend(let connection, let id):
            let waiter = state.withLock { take([id], from: &$0).first }
            guard let waiter else { preconditionFailure("a waiter in line has its continuation in the table") }
            waiter.resume(returning: .success(connection))
        }
    }
}

extension Connection {
    /// Operations submitted and not yet answered.
    fileprivate var currentLoad: Int { load.load(ordering: .relaxed) }

    /// Runs one prepared statement and decodes its rows on the caller's thread.
    func run<S: Statement>(_ statement: S, effect: Effect, until deadline: Deadline) async throws(PostgresError)
        -> S.Output
    {
        var parameters = Parameters()
        statement.bind(to: &parameters)
        let command = PipelineCommand(sql: S.sql, parameters: parameters, isPrepared: true)
        let results = try await submit([command], effect: effect, until: deadline).get()
        return try S.output(of: Rows(result: results[0], statement: S.sql.name))
    }
}
