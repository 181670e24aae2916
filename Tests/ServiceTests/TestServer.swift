import Access
import Glibc
import Logging
import NIOCore
import Postgres
import Testing

@testable import Service

/// A server on a free port, by default over a database that isn't there.
struct TestServer {
    let core: ServerCore
    let listening: Server.Listening
    /// Hears what changes, where a listener was asked for.
    private let hearing: Task<Void, Never>?

    var port: Int { listening.port }
    var securePort: Int { listening.secure?.localAddress?.port ?? 0 }

    /// - Parameters:
    ///   - identity: what an encrypted listener shows; there is none without.
    ///   - pool: the database; one that isn't there unless given.
    ///   - listener: how to reach the database for news; none are heard without.
    ///   - hot: answers that are given again.
    ///   - exempt: to whom no rates apply, nor caps of an address; this machine unless given.
    ///   - now: the clock of spending and waiting.
    init(
        _ table: MethodTable = .release,
        limits: ServiceLimits = ServiceLimits(),
        wire: WireOptions = WireOptions(),
        identity: TLSIdentity? = nil,
        pool: Pool? = nil,
        listener: PostgresConfiguration? = nil,
        hot: HotAnswers? = nil,
        exempt: [NetworkPrefix] = NetworkPrefix.loopback,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        now: @escaping @Sendable () -> Int64 = { Int64(NIODeadline.now().uptimeNanoseconds) }
    ) async throws {
        var limits = limits
        limits.exempt = exempt
        // Port 1 is closed on any machine that tests run on, so a connection is refused at once.
        let pool =
            pool ?? Pool(PostgresConfiguration(connectionString: "host=127.0.0.1 port=1", applicationName: "test"))
        let backend = Backend(pool: pool, logger: logger)
        core = ServerCore(
            table: table,
            limits: limits,
            wire: wire,
            backend: backend,
            health: Health(pool: pool),
            metrics: Metrics(methods: table.entries.map(\.name)),
            logger: logger,
            hot: hot,
            now: now
        )
        hearing = listener.map { configuration in
            Task { await ChangeListener(configuration, backend: backend, hot: hot, now: now).listen() }
        }
        let address = try #require(ListenAddress("127.0.0.1:0"))
        let secure = identity.map { SecureListener(address: address, identity: $0) }
        listening = try await Server(address: address, secure: secure, core: core).listen()
    }

    /// Runs the body with a server that is drained after it.
    static func with(
        _ table: MethodTable = .release,
        limits: ServiceLimits = ServiceLimits(),
        wire: WireOptions = WireOptions(),
        identity: TLSIdentity? = nil,
        pool: Pool? = nil,
        listener: PostgresConfiguration? = nil,
        hot: HotAnswers? = nil,
        exempt: [NetworkPrefix] = NetworkPrefix.loopback,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        now: @escaping @Sendable () -> Int64 = { Int64(NIODeadline.now().uptimeNanoseconds) },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let server = try await TestServer(
            table,
            limits: limits,
            wire: wire,
            identity: identity,
            pool: pool,
            listener: listener,
            hot: hot,
            exempt: exempt,
            logger: logger,
            now: now
        )
        do {
            try await body(server)
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }

    private func end() async {
        await listening.drain()
        hearing?.cancel()
        await hearing?.value
    }
}

/// The parts of a reply that do not change from run to run.
func stable(_ reply: String?) -> String? {
    guard var text = reply else { return nil }
    for (name, end) in [("\"request_id\":\"", "\""), ("\"server_ms\":", "}")] {
        var rest = text[...]
        var replaced = ""
        while let start = rest.firstRange(of: name) {
            replaced += rest[..<start.upperBound] + "*"
            rest = rest[start.upperBound...]
            guard let stop = rest.firstRange(of: end) else { break }
            rest = rest[stop.lowerBound...]
        }
        text = replaced + rest
    }
    return text
}
