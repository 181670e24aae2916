import Logging
import NIOCore
import NIOPosix
import Postgres
import Synchronization

/// What all connections of a server share.
final class ServerCore: Sendable {
    let table: MethodTable
    let wire: WireOptions
    let backend: Backend
    let health: Health
    let metrics: Metrics
    let log: RequestLog
    let logger: Logger
    let registry: ConnectionRegistry
    let throttle: AcceptThrottle
    let ledger: CostLedger
    let wrongTokens: AddressQuota
    /// Of what callers without a token say of amenities.
    let feedbackQuota: AddressQuota
    let line: FairLine
    let unsent: UnsentReplies
    /// `nil` where every answer is made anew.
    let hot: HotAnswers?
    /// Nanoseconds of a monotonic clock, by which spending and waiting are measured.
    let now: @Sendable () -> Int64
    private let lastConnection = Atomic(0)
    private let settings: Mutex<(limits: ServiceLimits, facts: ServiceFacts)>

    init(
        table: MethodTable,
        limits: ServiceLimits,
        wire: WireOptions = WireOptions(),
        backend: Backend,
        health: Health,
        metrics: Metrics,
        logger: Logger,
        hot: HotAnswers? = nil,
        now: @escaping @Sendable () -> Int64 = { Int64(NIODeadline.now().uptimeNanoseconds) }
    ) {
        self.table = table
        self.settings = Mutex((limits, ServiceFacts(limits: limits, table: table)))
        self.wire = wire
        self.backend = backend
        self.health = health
        self.metrics = metrics
        self.log = RequestLog(logger)
        self.logger = logger
        self.registry = ConnectionRegistry(limits: limits)
        self.throttle = AcceptThrottle(limit: limits.connections, pauses: metrics.acceptPauses)
        self.ledger = CostLedger(limits: limits, metrics: metrics)
        self.wrongTokens = AddressQuota(limits.wrongTokens, per: .seconds(60), addresses: limits.rateEntries)
        self.feedbackQuota = AddressQuota(limits.feedbackAnonymous, per: .seconds(3600), addresses: limits.rateEntries)
        self.line = FairLine(
            limits: limits,
            loop: MultiThreadedEventLoopGroup.singleton.next(),
            metrics: metrics,
            now: now
        )
        self.unsent = UnsentReplies(limit: limits.outboundTotalBytes)
        self.hot = hot
        self.now = now
    }

    /// The limits in force for who connects now.
    var limits: ServiceLimits { settings.withLock { $0.limits } }

    /// What `system.*` says to who connects now.
    var facts: ServiceFacts { settings.withLock { $0.facts } }

    /// Takes on other limits: for all connections together and for callers' spending at once, for what one connection may do
    /// from the next one on.
    func adopt(_ limits: ServiceLimits) {
        let facts = ServiceFacts(limits: limits, table: table)
        settings.withLock { $0 = (limits, facts) }
        registry.adopt(limits)
        throttle.adopt(limit: limits.connections)
        ledger.adopt(limits)
        wrongTokens.adopt(limits.wrongTokens)
        feedbackQuota.adopt(limits.feedbackAnonymous)
        line.adopt(limits)
        unsent.adopt(limit: limits.outboundTotalBytes)
    }

    func nextConnection() -> Int { lastConnection.add(1, ordering: .relaxed).newValue }
}
