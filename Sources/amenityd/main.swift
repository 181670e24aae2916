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
let server = Server(
    address: configuration.listen,
    backend: Backend(pool: program.pool, notifier: notifier, listener: program.database),
    health: program.health,
    metrics: program.metrics,
    logger: program.logger,
    limits: configuration.limits,
    wire: configuration.wire
)
await program.run([NotifierService(notifier: notifier), server], grace: .seconds(15))
