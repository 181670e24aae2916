import Glibc
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The JSON-RPC service: listens, answers, and on a graceful shutdown drains.
package struct Server: Service {
    private let address: ListenAddress
    private let secure: SecureListener?
    /// The path of a Unix socket to listen on beside.
    private let socket: String?
    private let core: ServerCore

    /// - Parameters:
    ///   - secure: a second listener, for clients of other machines.
    ///   - socket: the path of a third, a Unix socket, for programs of this machine that the file's group lets in.
    ///   - health: told when the drain begins.
    ///   - hot: answers that are given again; used while a ``ChangeListener`` hears news for them.
    package init(
        address: ListenAddress,
        secure: SecureListener? = nil,
        socket: String? = nil,
        backend: Backend,
        health: Health,
        metrics: Metrics,
        logger: Logger,
        limits: ServiceLimits = ServiceLimits(),
        wire: WireOptions = WireOptions(),
        hot: HotAnswers? = nil
    ) {
        self.address = address
        self.secure = secure
        self.socket = socket
        self.core = ServerCore(
            table: .release,
            limits: limits,
            wire: wire,
            backend: backend,
            health: health,
            metrics: metrics,
            logger: logger,
            hot: hot
        )
    }

    init(address: ListenAddress, secure: SecureListener? = nil, socket: String? = nil, core: ServerCore) {
        self.address = address
        self.secure = secure
        self.socket = socket
        self.core = core
    }

    /// Serves until a graceful shutdown, and returns when the last connection is closed.
    ///
    /// - Throws: ``ListenError``.
    package func run() async throws {
        let listening = try await listen()
        if let secure = listening.secure {
            core.logger.notice("listening with TLS", metadata: ["address": "\(secure.listenAddress)"])
        }
        if let socket { core.logger.notice("listening on a socket", metadata: ["path": "\(socket)"]) }
        core.logger.notice("listening", metadata: ["address": "\(listening.address)"])
        try await gracefulShutdownOrCancellation()
        core.logger.notice("draining")
        await listening.drain()
        core.logger.notice("stopped")
    }

    /// Takes on other limits while it serves: rates and what all connections together may do at once, what one connection
    /// may do for those that come. The high-water mark of unsent replies and the number of remembered callers stay.
    package func adopt(_ limits: ServiceLimits) { core.adopt(limits) }

    /// Begins to listen.
    func listen() async throws -> Listening {
        var listening = Listening(
            channel: try await bind(address, setting: "--listen", identity: nil),
            secure: nil,
            local: nil,
            core: core
        )
        do {
            if let secure {
                listening.secure = try await bind(secure.address, setting: "--tls-listen", identity: secure.identity)
            }
            if let socket { listening.local = try await bind(socket: socket) }
            return listening
        } catch {
            await listening.stopAccepting()
            throw error
        }
    }

    private func bind(socket path: String) async throws -> any Channel {
        // What a service that was killed has left is removed; a socket on which somebody listens is not.
        if let other = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: path).get()
        {
            try? await other.close()
            throw ListenError("\(path) is in use: another program listens there; choose another with --unix-listen")
        }
        do {
            let channel = try await bootstrap(identity: nil)
                .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            guard unsafe chmod(path, 0o660) == 0 else {
                try? await channel.close()
                throw ListenError("can't give \(path) the mode 0660 (--unix-listen)")
            }
            return channel
        } catch let error as ListenError {
            throw error
        } catch {
            throw ListenError("can't listen on \(path) (--unix-listen): \(error)")
        }
    }

    private func bind(
        _ address: ListenAddress,
        setting: String,
        identity: TLSIdentity?
    ) async throws -> any Channel {
        let bootstrap = bootstrap(identity: identity)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            // A peer that is gone without a word is found after two minutes.
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 10)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 6)
        do {
            return try await bootstrap.bind(host: address.host, port: address.port).get()
        } catch {
            throw ListenError(error, address: address, setting: setting)
        }
    }

    /// What all listeners have in common.
    private func bootstrap(identity: TLSIdentity?) -> ServerBootstrap {
        let core = core
        return ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(core.throttle))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: core.limits.outboundHighWaterBytes / 4, high: core.limits.outboundHighWaterBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let identity else {
                        return try channel.pipeline.syncOperations.addHandler(ConnectionHandler(core: core))
                    }
                    let (encryption, certificateNames) = identity.makeHandler()
                    try channel.pipeline.syncOperations.addHandler(encryption)
                    let handler = ConnectionHandler(core: core, certificateNames: certificateNames)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
    }

    /// A server that accepts connections.
    struct Listening: Sendable {
        let channel: any Channel
        /// The encrypted one, where there is one.
        fileprivate(set) var secure: (any Channel)?
        /// The Unix socket, where there is one.
        fileprivate(set) var local: (any Channel)?
        fileprivate let core: ServerCore

        fileprivate func stopAccepting() async {
            for listener in [channel, secure, local] { try? await listener?.close() }
            if let path = local?.localAddress?.pathname { _ = unsafe unlink(path) }
        }

        var address: String { channel.listenAddress }
        var port: Int { channel.localAddress?.port ?? 0 }

        /// Stops accepting, answers what was read, refuses what comes, closes what is idle; what still runs after the limit
        /// is cancelled, and what is still open a little later is closed.
        func drain() async {
            core.health.startDraining()
            await stopAccepting()
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
