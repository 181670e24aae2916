package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The small HTTP listener of every program: `/live`, `/ready`, `/metrics`, `/version`. For the loopback interface or a
/// network that only operators reach.
package struct AdminServer: Service {
    private let address: ListenAddress
    private let program: String
    private let health: Health
    private let metrics: Metrics
    private let sources: [any MetricsSource]
    private let logger: Logger

    /// - Parameter sources: what `/metrics` tells beside the metrics that every program has.
    package init(
        address: ListenAddress,
        program: String,
        health: Health,
        metrics: Metrics,
        sources: [any MetricsSource] = [],
        logger: Logger
    ) {
        self.address = address
        self.program = program
        self.health = health
        self.metrics = metrics
        self.sources = sources
        self.logger = logger
    }

    /// Serves until a graceful shutdown.
    ///
    /// - Throws: ``ListenError``.
    package func run() async throws {
        let channel = try await listen()
        logger.notice("admin listening", metadata: ["address": "\(channel.listenAddress)"])
        try await gracefulShutdownOrCancellation()
        try? await channel.close()
    }

    /// Begins to listen.
    func listen() async throws -> any Channel {
        let (program, health, metrics, sources) = (program, health, metrics, sources)
        do {
            return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = AdminHandler(
                            program: program,
                            health: health,
                            metrics: metrics,
                            sources: sources
                        )
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .bind(host: address.host, port: address.port).get()
        } catch {
            throw ListenError(error, address: address, setting: "--admin-listen")
        }
    }
}
