import Logging
import Postgres
import Synchronization

/// What all connections of a server share.
final class ServerCore: Sendable {
    let table: MethodTable
    let limits: ServiceLimits
    let wire: WireOptions
    let facts: ServiceFacts
    let backend: Backend
    let health: Health
    let metrics: Metrics
    let log: RequestLog
    let logger: Logger
    let registry: ConnectionRegistry
    private let lastConnection = Atomic(0)

    init(
        table: MethodTable,
        limits: ServiceLimits,
        wire: WireOptions = WireOptions(),
        backend: Backend,
        health: Health,
        metrics: Metrics,
        logger: Logger
    ) {
        self.table = table
        self.limits = limits
        self.wire = wire
        self.facts = ServiceFacts(limits: limits, table: table)
        self.backend = backend
        self.health = health
        self.metrics = metrics
        self.log = RequestLog(logger)
        self.logger = logger
        self.registry = ConnectionRegistry(limit: limits.connections)
    }

    func nextConnection() -> Int { lastConnection.add(1, ordering: .relaxed).newValue }
}
