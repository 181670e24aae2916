import Synchronization

/// How much of other transactions' work a transaction may see.
package enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

/// A connection lent to one caller, for as long as the closure that received it runs.
package final class Session: Sendable {
    let connection: Connection
    /// By when the whole of the caller's work must be done.
    package let deadline: Deadline
    private let transactionState = Mutex(TransactionState.none)

    private enum TransactionState {
        case none
        /// `BEGIN`, and what is to follow it at once, are due with the next statement.
        case pending([PipelineCommand])
        case open
        /// The caller left while a statement was under way, so nobody knows what the transaction holds, or whether its
        /// `BEGIN` was sent at all: it can only be rolled back.
        case doomed
    }

    init(connection: Connection, deadline: Deadline) {
        self.connection = connection
        self.deadline = deadline
    }

    /// The server's process, for `pg_terminate_backend` and logs.
    package var processID: Int32 { connection.processID }

    /// Runs one statement.
    ///
    /// - Parameter deadline: its own, where that is earlier than the session's.
    package func execute<S: Statement>(
        _ statement: S,
        until deadline: Deadline? = nil
    ) async throws(PostgresError) -> S.Output {
        let results = try await submit([command(for: statement)], until: deadline)
        return try S.output(of: Rows(result: results[0], statement: S.sql.name))
    }

    /// Runs several statements in one round trip and returns their outputs in order.
    ///
    /// Outside a transaction the batch is one implicit transaction: an error in one undoes those before it.
    package func pipeline<each S: Statement>(
        _ statements: repeat each S
    ) async throws(PostgresError) -> (repeat (each S).Output) {
        var commands: [PipelineCommand] = []
        repeat commands.append(command(for: each statements))
        let results = try await submit(commands)
        var position = 0
        func next<T: Statement>(_: T) throws(PostgresError) -> T.Output {
            defer { position += 1 }
            return try T.output(of: Rows(result: results[position], statement: T.sql.name))
        }
        return (repeat try next(each statements))
    }

    /// Runs many executions of one statement in one round trip.
    package func pipeline<S: Statement>(_ statements: [S]) async throws(PostgresError) -> [S.Output] {
        guard !statements.isEmpty else { return [] }
        var outputs: [S.Output] = []
        for result in try await submit(statements.map(command(for:))) {
            outputs.append(try S.output(of: Rows(result: result, statement: S.sql.name)))
        }
        return outputs
    }

    /// Runs statements of several kinds in one round trip, for their effects alone.
    ///
    /// Outside a transaction they are one: an error in one undoes those before it.
    package func perform(_ statements: [any Statement]) async throws(PostgresError) {
        _ = try await submit(statements.map { command(for: $0) })
    }

    /// Runs a parameterless command that is not worth preparing, such as `LISTEN`.
    package func command(_ sql: SQL) async throws(PostgresError) -> Rows {
        Rows(result: try await submit([.control(sql)])[0], statement: sql.name)
    }

    private func command<S: Statement>(for statement: S) -> PipelineCommand {
        var parameters = Parameters()
        statement.bind(to: &parameters)
        return PipelineCommand(sql: S.sql, parameters: parameters, isPrepared: true)
    }

    /// Sends the commands, with the `BEGIN` that may be due in front.
    private func submit(
        _ commands: [PipelineCommand],
        until earlier: Deadline? = nil
    ) async throws(PostgresError) -> [QueryResult] {
        // Before the transaction counts as begun: what is refused here is not sent, and neither is the BEGIN.
        if let error = Connection.refusal(of: commands) { throw .server(error) }
        let (opening, effect) = try transactionState.withLock {
            state throws(PostgresError) -> ([PipelineCommand], Effect) in
            switch state {
            case .none: return ([], .commits)
            case .open: return ([], .provisional)
            case .doomed: throw .rolledBack
            case .pending(let opening):
                state = .open
                return (opening, .provisional)
            }
        }
        let deadline = min(deadline, earlier ?? deadline)
        switch await connection.submit(opening + commands, effect: effect, until: deadline) {
        case .success(let results): return Array(results.dropFirst(opening.count))
        case .failure(let error):
            if error.leavesOutcomeOpen { doom() }
            throw error
        }
    }

    private func doom() {
        transactionState.withLock { state in
            if case .open = state { state = .doomed }
        }
    }

    // MARK: Transactions

    /// - Parameters:
    ///   - first: runs in the round trip of the `BEGIN`.
    ///   - limitsStatements: whether the server is told the deadline too.
    ///   - last: runs in the round trip of the `COMMIT`, which does not happen if it fails.
    func transaction<Value>(
        _ isolation: Isolation,
        first: (any Statement)? = nil,
        limitsStatements: Bool = false,
        last: (any Statement)? = nil,
        _ body: (Session) async throws -> Value
    ) async throws -> Value {
        let opening =
            [.begin(isolation)] + (limitsStatements ? [.limit(deadline)] : [])
            + (first.map { [command(for: $0)] } ?? [])
        transactionState.withLock { $0 = .pending(opening) }
        let value: Value
        do {
            value = try await body(self)
        } catch {
            await rollback()
            throw error
        }
        try await commit(after: last)
        return value
    }

    /// Runs one statement in a read-only transaction of its own that begins with another, in one round trip.
    func read<S: Statement>(_ statement: S, after first: any Statement) async throws(PostgresError) -> S.Output {
        let commands = [.control(.beginReadOnly), command(for: first), command(for: statement), .control(.commit)]
        if let error = Connection.refusal(of: commands) { throw .server(error) }
        switch await connection.submit(commands, effect: .provisional, until: deadline) {
        case .success(let results): return try S.output(of: Rows(result: results[2], statement: S.sql.name))
        case .failure(let error):
            // What came after the failure was skipped, the COMMIT too.
            await sendRollback()
            throw error
        }
    }

    private func commit(after last: (any Statement)?) async throws(PostgresError) {
        var commands = last.map { [command(for: $0)] } ?? []
        switch endTransaction() {
        case .none: return
        case .pending(let opening):
            // Nothing was asked of the server yet.
            guard last != nil else { return }
            commands.insert(contentsOf: opening, at: 0)
        case .doomed:
            await sendRollback()
            throw .rolledBack
        case .open: break
        }
        commands.append(.control(.commit))
        switch await connection.submit(commands, effect: .commits, until: deadline) {
        case .success(let results):
            // A transaction in which a statement failed answers COMMIT with ROLLBACK, and no error.
            guard results.last?.commandTag == "COMMIT" else { throw .rolledBack }
        case .failure(let error):
            // A COMMIT is never cancelled once it is sent, so this one was not. After a refusal of the last statement it
            // was skipped.
            if error.leavesOutcomeOpen || last != nil { await sendRollback() }
            throw error
        }
    }

    private func rollback() async {
        switch endTransaction() {
        case .none, .pending: return
        case .open, .doomed: await sendRollback()
        }
    }

    /// Rolls back, whatever happened to the task; if even that fails the connection is not lent again.
    private func sendRollback() async {
        _ = await connection.submit([.control(.rollback)], effect: .cleanup, until: .after(.seconds(5)))
    }

    /// Leaves the transaction and says how far it had come.
    private func endTransaction() -> TransactionState {
        transactionState.withLock { state in
            defer { state = .none }
            return state
        }
    }

    var isInTransaction: Bool {
        transactionState.withLock { state in
            if case .none = state { false } else { true }
        }
    }

    /// Has everything sent before answered, an abandoned statement and its cancel request too, and the transaction that
    /// may be due opened: a COPY needs the connection for itself and cannot carry the `BEGIN`.
    func settle() async throws(PostgresError) {
        if isInTransaction {
            _ = try await submit([])
        } else {
            _ = try await connection.submit([], effect: .read, until: deadline).get()
        }
    }
}

extension PipelineCommand {
    fileprivate static func begin(_ isolation: Isolation) -> PipelineCommand {
        .control(SQL("begin", "BEGIN ISOLATION LEVEL \(isolation.rawValue)"))
    }

    /// A little after the deadline itself, so that it is our own cancel request that ends what is late, and this only what
    /// that did not reach.
    fileprivate static func limit(_ deadline: Deadline) -> PipelineCommand {
        let left = (deadline - .now) / .milliseconds(1)
        let milliseconds = Int(min(max(left, 0), 86_400_000)) + 250
        return .control(SQL("limit", "SET LOCAL statement_timeout = \(milliseconds)"))
    }
}

extension PostgresError {
    /// Whether the caller stopped waiting before the server had answered.
    fileprivate var leavesOutcomeOpen: Bool {
        switch self {
        case .cancelled, .timedOut: true
        case .server, .connection, .commitUnknown, .rolledBack, .decoding, .poolClosed: false
        }
    }
}
