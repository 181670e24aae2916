/// Makes connections. libpq does the host iteration, the handshakes and the time-outs, blocking, on a thread that is not
/// ours to keep waiting.
enum Connector {
    /// What a session's settings may take, as long again as libpq may take to connect.
    private static let setUpLimit: Duration = .seconds(5)

    /// Connects and calls back, on another thread, with a connection that is in pipeline mode and fully set up.
    static func connect(
        _ configuration: PostgresConfiguration,
        readOnly: Bool,
        reactor: Reactor,
        onNotification: (@Sendable (Notification) -> Void)? = nil,
        completion: @escaping @Sendable (Result<Connection, ConnectionFailure>) -> Void
    ) {
        let isRunning = Thread.detach {
            do throws(ConnectionFailure) {
                let handle = try LibPQ.connect(configuration.settings)
                if let failure = prepare(handle, configuration, readOnly: readOnly) {
                    handle.finish()
                    throw failure
                }
                let connection = Connection(
                    handle: handle,
                    reactor: reactor,
                    cancelGrace: configuration.cancelGrace,
                    onNotification: onNotification
                )
                completion(.success(connection))
            } catch {
                completion(.failure(error))
            }
        }
        if !isRunning { completion(.failure(ConnectionFailure(stage: .connect, message: "no thread left"))) }
    }

    /// Sets the session up while blocking is still allowed.
    private static func prepare(
        _ handle: LibPQ,
        _ configuration: PostgresConfiguration,
        readOnly: Bool
    ) -> ConnectionFailure? {
        guard handle.serverVersion >= 150_000 else {
            return ConnectionFailure(stage: .connect, message: "PostgreSQL 15 or newer is needed")
        }
        var script = configuration.sessionSettings.map { "SET \($0.name) = '\($0.value)';" }.joined()
        // Quick reads are planned once: some take longer to plan than to run.
        if readOnly { script += "SET default_transaction_read_only = on; SET plan_cache_mode = force_generic_plan;" }
        if let error = handle.execute(script: script, until: .after(setUpLimit)) {
            return ConnectionFailure(stage: .connect, message: error.message, cause: error.sqlState)
        }
        guard handle.enterNonblockingPipeline() else {
            return ConnectionFailure(stage: .connect, message: handle.message)
        }
        return nil
    }
}
