import Access
import JobQueue
import Service

// The service: configuration, pool, and the server that answers.
let program = await Program.start(
    "amenityd",
    summary: "the Amenity Directory's JSON-RPC service",
    role: .anonymous,
    switches: ServiceConfiguration.switches,
    adminListen: ServiceConfiguration.defaultAdminListen
)
let configuration = await program.configured(ServiceConfiguration.init(config:))
let notifier = Notifier(program.database)
let backend = Backend(
    pool: program.pool,
    notifier: notifier,
    listingBytes: configuration.listingBytes,
    logger: program.logger
)
let hot = configuration.hotAnswerBytes > 0 ? HotAnswers(bytes: configuration.hotAnswerBytes) : nil
let server = Server(
    address: configuration.listen,
    secure: configuration.secure,
    socket: configuration.socket,
    backend: backend,
    health: program.health,
    metrics: program.metrics,
    logger: program.logger,
    limits: configuration.limits,
    wire: configuration.wire,
    hot: hot
)
let listener = ChangeListener(program.database, backend: backend, hot: hot)
let audit = AuditService(audit: Audit(pool: program.pool), logger: program.logger)
let reload = ReloadService(
    identity: configuration.secure?.identity,
    limits: { server.adopt(try ServiceLimits(config: try await program.freshConfig())) },
    logger: program.logger
)
await program.run(
    [NotifierService(notifier: notifier), reload, listener, audit, server],
    grace: .seconds(15),
    metrics: hot.map { [$0] } ?? []
)
