import NIOCore

/// One HTTP request, one answer, and the end of the connection: enough for probes and scrapers, and nothing to attack.
final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let program: String
    private let health: Health
    private let metrics: Metrics
    private let sources: [any MetricsSource]
    private var head = ByteBuffer()
    private var isAnswering = false

    init(program: String, health: Health, metrics: Metrics, sources: [any MetricsSource]) {
        self.program = program
        self.health = health
        self.metrics = metrics
        self.sources = sources
    }

    func channelActive(context: ChannelHandlerContext) {
        // Whoever says nothing is not waited for.
        let channel = context.channel
        let timer = context.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in timer.cancel() }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswering else { return }
        var bytes = unwrapInboundIn(data)
        head.writeBuffer(&bytes)
        guard head.readableBytes <= Self.maximumHead else { return context.close(promise: nil) }
        let text = String(buffer: head)
        guard text.hasSuffix("\r\n\r\n") || text.hasSuffix("\n\n") else { return }
        isAnswering = true
        answer(text.prefix { !$0.isNewline }.split(separator: " "), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ request: [Substring], _ context: ChannelHandlerContext) {
        guard request.count == 3, request[0] == "GET" else {
            return send(HTTPAnswer(405, "only GET is served here\n"), context)
        }
        switch request[1].prefix(while: { $0 != "?" }) {
        case "/live": send(HTTPAnswer(200, "live\n"), context)
        case "/version": send(HTTPAnswer(200, "\(program) \(ServiceVersion.current)\n"), context)
        case "/metrics":
            send(context) { [metrics, sources] in
                var text = metrics.text
                for source in sources { text += await source.text() }
                return HTTPAnswer(200, text)
            }
        case "/ready":
            send(context) { [health] in
                let readiness = await health.check()
                if let reason = readiness.reason { return HTTPAnswer(503, "not ready: \(reason)\n") }
                return HTTPAnswer(200, "ready" + (readiness.migration.map { ", migration \($0)" } ?? "") + "\n")
            }
        default: send(HTTPAnswer(404, "there are /live, /ready, /metrics and /version\n"), context)
        }
    }

    /// Sends an answer that has to be waited for.
    private func send(_ context: ChannelHandlerContext, _ answer: @escaping @Sendable () async -> HTTPAnswer) {
        let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        Task {
            let answer = await answer()
            loop.execute {
                let (handler, context) = handler.value
                handler.send(answer, context)
            }
        }
    }

    private func send(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer.text))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    private static let maximumHead = 8192
}

/// A whole HTTP/1.1 response of plain text.
struct HTTPAnswer: Sendable {
    let text: String

    init(_ status: Int, _ body: String) {
        let reasons = [200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"]
        text =
            "HTTP/1.1 \(status) \(reasons[status] ?? "")\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Length: \(body.utf8.count)\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n\(body)"
    }
}
