import Synchronization

/// The types that the server gave a statement.
package struct StatementShape: Sendable {
    /// OIDs of `$1`, `$2` ...
    package let parameters: [UInt32]
    package let columns: [(name: String, type: UInt32)]
}

/// A plain blocking session for what the pipeline cannot carry: scripts of several statements, as migrations are.
///
/// Each call runs on a thread of its own, one at a time, and for as long as the server takes: a migration has no deadline
/// of ours.
package final class ScriptSession: Sendable {
    private let handle: Mutex<LibPQ?>

    private init(handle: sending LibPQ) { self.handle = Mutex(handle) }

    deinit { close() }

    /// Connects with the configuration's settings.
    ///
    /// - Throws: ``PostgresError/connection(_:)``
    package static func open(_ configuration: PostgresConfiguration) async throws(PostgresError) -> ScriptSession {
        let settings = configuration.settings
        let opened = await Thread.run { () -> Result<ScriptSession, PostgresError> in
            do throws(ConnectionFailure) {
                return .success(ScriptSession(handle: try LibPQ.connect(settings)))
            } catch {
                return .failure(.connection(error))
            }
        }
        return try opened.get()
    }

    /// Runs one or more statements and returns the last one's rows as text.
    @discardableResult
    package func execute(_ script: String) async throws(PostgresError) -> [[String?]] {
        try await run { $0.execute(script: script) }
    }

    /// The types of a statement's parameters and columns, from the server.
    package func describe(_ sql: SQL) async throws(PostgresError) -> StatementShape {
        try await run { $0.describe(sql) }
    }

    /// Ends the session; it can't be used afterwards.
    package func close() {
        handle.withLock { handle in
            handle?.finish()
            handle = nil
        }
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (LibPQ) -> Result<Value, ServerError>
    ) async throws(PostgresError) -> Value {
        let outcome = await Thread.run { [self] in
            handle.withLock { handle -> Result<Value, PostgresError> in
                guard let handle else { return .failure(.poolClosed) }
                switch body(handle) {
                case .success(let value): return .success(value)
                case .failure(let error) where handle.isUsable: return .failure(.server(error))
                case .failure(let error):
                    let failure = ConnectionFailure(stage: .receive, message: error.message, cause: error.sqlState)
                    return .failure(.connection(failure))
                }
            }
        }
        return try outcome.get()
    }
}
