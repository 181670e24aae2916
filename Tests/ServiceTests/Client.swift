import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A client over a real socket: sends bytes, receives lines. It parses nothing, so a test sees exactly what was sent.
struct Client {
    private let channel: any Channel
    private var lines: AsyncStream<String>.AsyncIterator

    /// - Parameters:
    ///   - address: its own, if it matters.
    ///   - reads: whether it takes what the server sends.
    ///   - secured: how it encrypts; not at all without.
    ///   - name: whom it asks for when it encrypts.
    init(
        port: Int,
        from address: String? = nil,
        reads: Bool = true,
        secured: NIOSSLContext? = nil,
        name: String? = "localhost"
    ) async throws {
        try await self.init(from: address, reads: reads, secured: secured, name: name) {
            $0.connect(host: "127.0.0.1", port: port)
        }
    }

    /// - Parameter connect: reaches the server, where it isn't a port of 127.0.0.1.
    init(
        from address: String? = nil,
        reads: Bool = true,
        secured: NIOSSLContext? = nil,
        name: String? = "localhost",
        _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let address { bootstrap = try bootstrap.bind(to: SocketAddress(ipAddress: address, port: 0)) }
        bootstrap =
            bootstrap
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let secured {
                        let handler = try NIOSSLClientHandler(context: secured, serverHostname: name)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(LineCollector(continuation))
                }
            }
        channel = try await connect(bootstrap).get()
        lines = stream.makeAsyncIterator()
    }

    func send(_ text: String) async throws { try await send(ByteBuffer(string: text)) }

    /// Sends without waiting for the bytes to be taken.
    func post(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }

    /// The next line with its end; what came without an end before the server closed; `nil` after that.
    mutating func receive() async -> String? { await lines.next(isolation: #isolation) }

    /// Sends a line and waits for a line.
    mutating func ask(_ text: String) async throws -> String? {
        try await send(text + "\n")
        return await receive()
    }

    /// Everything that comes until the server closes.
    mutating func receiveAll() async -> [String] {
        var all: [String] = []
        while let line = await receive() { all.append(line) }
        return all
    }

    /// Takes what the server sends from now on.
    func startReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    func closeOutput() async throws { try await channel.close(mode: .output) }

    func close() async throws { try await channel.close() }

    /// Vanishes: the peer sees a reset.
    func reset() async throws {
        let socket = try #require(channel as? any SocketOptionProvider)
        try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close()
    }
}

private final class LineCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let lines: AsyncStream<String>.Continuation
    private var pending = ByteBuffer()

    init(_ lines: AsyncStream<String>.Continuation) { self.lines = lines }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        pending.writeBuffer(&bytes)
        while let end = pending.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            lines.yield(pending.readString(length: end - pending.readerIndex + 1) ?? "")
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return }
        finish()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func finish() {
        if pending.readableBytes > 0 { lines.yield(String(buffer: pending)) }
        pending.clear()
        lines.finish()
    }
}
