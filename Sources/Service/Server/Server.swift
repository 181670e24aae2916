import Glibc
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The JSON-RPC service: listens, answers, and on a graceful shutdown drains.
package struct Server: Service {
    private let address: ListenAddress
    private let core: ServerCore

    /// - Parameter health: told when the drain begins.
    package init(
        address: ListenAddress,
        backend: Backend,
        health: Health,
        metrics: Metrics,
        logger: Logger,
        limits: ServiceLimits = ServiceLimits(),
        wire: WireOptions = WireOptions()
    ) {
        self.address = address
        self.core = ServerCore(
            table: .release,
            limits: limits,
            wire: wire,
            backend: backend,
            health: health,
            metrics: metrics,
            logger: logger
        )
    }

    init(address: ListenAddress, core: ServerCore) {
        self.address = address
        self.core = core
    }

    /// Serves until a graceful shutdown, and returns when the last connection is closed.
    ///
    /// - Throws: ``ListenError``.
    package func run() async throws {
        let listening = try await listen()
        core.logger.notice("listening", metadata: ["address": "\(listening.address)"])
        try await gracefulShutdownOrCancellation()
        core.logger.notice("draining")
        await listening.drain()
        core.logger.notice("stopped")
    }

    /// Begins to listen.
    func listen() async throws -> Listening {
        let core = core
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(core.throttle))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            // A peer that is gone without a word is found after two minutes.
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 10)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 6)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: core.limits.outboundHighWaterBytes / 4, high: core.limits.outboundHighWaterBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(core: core))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
            return Listening(channel: channel, core: core)
        } catch {
            throw ListenError(error, address: address, setting: "--listen")
        }
    }

    /// A server that accepts connections.
    struct Listening: Sendable {
        let channel: any Channel
        fileprivate let core: ServerCore

        var address: String { channel.listenAddress }
        var port: Int { channel.localAddress?.port ?? 0 }

        /// Stops accepting, answers what was read, refuses what comes, closes what is idle; what still runs after the limit
        /// is cancelled, and what is still open a little later is closed.
        func drain() async {
            core.health.startDraining()
            try? await channel.close()
            let loop = channel.eventLoop
            let registry = core.registry
            let isEmpty = registry.drain(on: loop)
            let drain = TimeAmount(core.limits.drain)
            let cancel = loop.scheduleTask(in: drain) { registry.send(.cancelCalls) }
            let close = loop.scheduleTask(in: drain + .seconds(2)) { registry.send(.close) }
            try? await isEmpty.get()
            cancel.cancel()
            close.cancel()
        }
    }
}

/// Waits until the program is asked to stop, either way.
func gracefulShutdownOrCancellation() async throws {
    do {
        try await gracefulShutdown()
    } catch is CancellationError {}
}
