import Logging
import Postgres
import Synchronization

/// Tells once that something fails, and once that it works again.
final class OutageLog: Sendable {
    private let logger: Logger
    private let failing: Logger.Message
    private let working: Logger.Message
    private let isFailing = Atomic<Bool>(false)

    /// - Parameters:
    ///   - failing: what is told at the first failure, with its reason.
    ///   - working: what is told at the first success after one.
    init(_ logger: Logger, failing: Logger.Message, working: Logger.Message) {
        self.logger = logger
        self.failing = failing
        self.working = working
    }

    func failed(_ reason: String) {
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        logger.warning(failing, metadata: ["error": "\(reason)"])
    }

    func worked() {
        guard isFailing.exchange(false, ordering: .relaxed) else { return }
        logger.notice(working)
    }
}

extension OutageLog {
    /// Of the database, as a pool sees it.
    static func ofDatabase(_ logger: Logger) -> OutageLog {
        OutageLog(
            logger,
            failing: "the database can't be reached",
            working: "the database can be reached again"
        )
    }

    func record(_ event: PoolEvent) {
        switch event {
        case .connectFailed(let failure): failed(failure.message)
        case .connected: worked()
        case .closed, .leaseTimedOut: break
        }
    }
}
