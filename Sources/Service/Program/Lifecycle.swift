import Glibc
import Logging
import Postgres
import ServiceLifecycle
import UnixSignals

/// Closes the pool, after everything that uses it has ended: first in the group, so last to stop.
struct PoolService: Service {
    let pool: Pool

    func run() async throws {
        try await gracefulShutdownOrCancellation()
        // A cancelled program ends at once, and its other services may still have something to write down.
        if !Task.isCancelled { pool.close() }
    }
}

/// Ends the process at once when it is asked a second time to stop: whoever asks has lost patience. First in the group, so
/// that it listens for as long as anything else stops.
struct ImpatientEnd: Service {
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var times = 0
            for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                times += 1
                guard times > 1 else { continue }
                logger.warning("asked again to stop: not waiting any longer")
                exit(1)
            }
        }
    }
}

/// Turns `/ready` off as soon as a stop is asked for: last in the group, so first to hear of it.
struct DrainMark: Service {
    let health: Health

    func run() async throws {
        try await gracefulShutdownOrCancellation()
        health.startDraining()
    }
}

/// Waits for the database on behalf of all services of a program, and says so once for each failed try.
actor DatabaseGate {
    private let pool: Pool
    private let logger: Logger
    private var wait: Task<Void, any Error>?

    init(pool: Pool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    /// Returns when the database has answered.
    func pass() async throws {
        let wait =
            wait
            ?? Task { [pool, logger] in
                try await pool.waitUntilReady { failure in
                    logger.warning("waiting for the database", metadata: ["error": "\(failure)"])
                }
                logger.notice("database ready")
            }
        self.wait = wait
        try await withTaskCancellationHandler {
            try await wait.value
        } onCancel: {
            wait.cancel()
        }
    }
}

/// A service that begins once the database has answered.
struct GatedService: Service {
    let gate: DatabaseGate
    let service: any Service

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await gate.pass() }
        } catch {
            // A program told to stop while it waits has nothing to undo.
            if Task.isShuttingDownGracefully || error is CancellationError { return }
            throw error
        }
        guard !Task.isShuttingDownGracefully else { return }
        try await service.run()
    }
}
