import Logging
import NIOCore
import NIOPosix
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
    let throttle: AcceptThrottle
    let ledger: CostLedger
    let line: FairLine
    let unsent: UnsentReplies
    /// What a call costs and what it weighs in the line, by the method's place in the table.
    let costs: [Int]
    let weights: [Int]
    /// Nanoseconds of a monotonic clock, by which spending and waiting are measured.
    let now: @Sendable () -> Int64
    private let lastConnection = Atomic(0)

    init(
        table: MethodTable,
        limits: ServiceLimits,
        wire: WireOptions = WireOptions(),
        backend: Backend,
        health: Health,
        metrics: Metrics,
        logger: Logger,
        now: @escaping @Sendable () -> Int64 = { Int64(NIODeadline.now().uptimeNanoseconds) }
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
        self.registry = ConnectionRegistry(limits: limits)
        self.throttle = AcceptThrottle(limit: limits.connections, pauses: metrics.acceptPauses)
        self.ledger = CostLedger(limits: limits, metrics: metrics)
        self.line = FairLine(
            limits: limits,
            loop: MultiThreadedEventLoopGroup.singleton.next(),
            metrics: metrics,
            now: now
        )
        self.unsent = UnsentReplies(limit: limits.outboundTotalBytes)
        self.costs = table.entries.map(MethodCost.of)
        self.weights = table.entries.map(MethodCost.weight)
        self.now = now
    }

    func nextConnection() -> Int { lastConnection.add(1, ordering: .relaxed).newValue }
}
