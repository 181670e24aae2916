import Logging
import Postgres
import Synchronization

/// Tells once that the database can't be reached, and once that it can again.
final class DatabaseLog: Sendable {
    private let logger: Logger
    private let isLost = Atomic<Bool>(false)

    init(_ logger: Logger) { self.logger = logger }

    func record(_ event: PoolEvent) {
        switch event {
        case .connectFailed(let failure):
            guard !isLost.exchange(true, ordering: .relaxed) else { return }
            logger.warning("the database can't be reached", metadata: ["error": "\(failure.message)"])
        case .connected:
            guard isLost.exchange(false, ordering: .relaxed) else { return }
            logger.notice("the database can be reached again")
        case .closed, .leaseTimedOut: break
        }
    }
}
