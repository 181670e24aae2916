import Access
import Logging
import NIOCore

/// One client: frames in, replies out, all on the event loop of its connection.
///
/// What waits for nothing is answered at once, and the replies to what one read brought are flushed together. Calls that
/// wait for the database run in tasks that come back to this loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let core: ServerCore
    let number: Int
    var context: ChannelHandlerContext?
    var framer: Framer
    var document = JSONDocument()
    /// Replies not yet handed to the channel.
    var writer = JSONWriter()
    var session: CallerSession
    var ids: RequestIDs
    var calls = CallQueue()
    var subscriptions = SubscriptionSet()

    var isInputClosed = false
    /// We said our last: what still comes is thrown away.
    var isEnding = false
    /// What was read when the drain began, in bytes since the connection began. Frames after it are refused.
    private var drainMark: Int?
    /// What had come by then, read or not: so much is heard, however long it takes.
    private var drainArrived = 0
    private var quiet: Scheduled<Void>?
    private var drainBegan = NIODeadline.distantPast
    private var farewell: Scheduled<Void>?
    private var isReadHeld = false
    private var isFlushScheduled = false
    private var isWelcomed = false
    private let slowReader: SlowReaderWatch
    private var strays: StrayCounter

    init(core: ServerCore) {
        self.core = core
        self.number = core.nextConnection()
        self.framer = Framer(limit: core.limits.frameBytes, framing: core.wire.framing)
        self.session = CallerSession(token: nil, facts: core.facts)
        self.ids = RequestIDs(random: .random(in: 0 ... .max))
        self.slowReader = SlowReaderWatch(patience: core.limits.slowReader)
        self.strays = StrayCounter(limit: core.limits.strayResponses)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // A handler may join a channel that is active already.
        if context.channel.isActive { welcome(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        welcome(context)
        context.fireChannelActive()
    }

    private func welcome(_ context: ChannelHandlerContext) {
        guard !isWelcomed else { return }
        isWelcomed = true
        core.metrics.connectionsOpen.add()
        guard !core.registry.insert(context.channel) else { return }
        let isDraining = core.health.isDraining
        core.metrics.countClosed(isDraining ? .drain : .tooMany)
        refuse(isDraining ? .shuttingDown : CallError(.tooManyConnections, "too many connections; try again later"))
        end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        core.metrics.connectionsOpen.add(-1)
        core.registry.remove(context.channel)
        if !isEnding { core.metrics.countClosed(.client) }
        isEnding = true
        self.context = nil
        quiet?.cancel()
        farewell?.cancel()
        slowReader.stop()
        calls.abandon()
        unsubscribeAll()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        core.logger.debug("connection failed", metadata: ["conn": "\(number)", "error": "\(error)"])
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if isEnding { context.close(promise: nil) } else { advance() }
        case ConnectionRegistry.Notice.drain: startDraining()
        case ConnectionRegistry.Notice.cancelCalls: calls.cancelAll()
        case ConnectionRegistry.Notice.close: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        core.metrics.bytesIn.add(buffer.readableBytes)
        guard !isEnding else { return }
        framer.append(buffer)
        if drainMark != nil { waitForQuiet() }
        takeFrames()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        document.forget()
        endIfDone()
        context.fireChannelReadComplete()
    }

    /// Lets the channel read only while its calls and replies are within bounds: what isn't read pushes back on the client.
    func read(context: ChannelHandlerContext) {
        if mayRead(context) { context.read() } else { isReadHeld = true }
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool { isEnding || mayTakeFrame(context) }

    private func mayTakeFrame(_ context: ChannelHandlerContext) -> Bool {
        calls.hasRoom(upTo: core.limits.callsInFlight) && context.channel.isWritable
    }

    /// Goes on with what was read, then with reading, after something made room.
    func advance() {
        takeFrames()
        flush()
        endIfDone()
        guard let context, isReadHeld, mayRead(context) else { return }
        isReadHeld = false
        context.read()
    }

    private func takeFrames() {
        while let context, !isEnding, mayTakeFrame(context) {
            guard let frame = framer.next() ?? (isInputClosed ? framer.finish() : nil) else { return doubt() }
            take(frame)
            if writer.bytes.count >= core.limits.outboundHighWaterBytes { flush() }
        }
    }

    /// Waits a little for the rest of what may have many lines.
    private func doubt() {
        guard framer.isHesitating, let context else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(250)) { [self] in
            guard framer.isHesitating else { return }
            framer.takeBracketForLine()
            advance()
        }
    }

    private func take(_ frame: Framer.Frame) {
        switch frame {
        case .foreign(.http): abort(.http)
        case .foreign(.tls): abort(.tls)
        case .tooLong: refuse(.frameTooLarge(core.limits.frameBytes, isSkipped: true))
        case .broken(let breach): refuse(breach)
        case .message(let bytes, let style): take(message: bytes, style)
        }
    }

    /// Says why the connection ends once what it asked before is answered.
    private func refuse(_ breach: Framer.Breach) {
        switch breach {
        case .tooLong: refuse(.frameTooLarge(core.limits.frameBytes, isSkipped: false))
        case .badHeader: refuse(CallError(.parseError, "a header block is not one with a single Content-Length"))
        case .truncated: refuse(CallError(.parseError, "the stream ended within a message"))
        }
        if !isInputClosed { core.metrics.countClosed(.badFrame) }
    }

    /// Whether calls are refused, since they came after the drain began.
    var isRefusing: Bool { drainMark.map { framer.consumed > $0 } ?? false }

    /// Counts a response that nobody asked for.
    func takeStray() {
        if strays.isOneTooMany(at: .now()) { abort(.strayResponses) }
    }

    // MARK: Writing

    /// Answers something that had no id.
    private func refuse(_ error: CallError) {
        fail(error, id: nil, to: .frame(framer.style))
    }

    /// Flushes with all that ends in this turn of the loop.
    func flushSoon() {
        guard let context, !isFlushScheduled else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute { [self] in
            isFlushScheduled = false
            advance()
        }
    }

    private func flush() {
        guard let context, !writer.bytes.isEmpty else { return }
        let isBlocked = !context.channel.isWritable
        if isBlocked, slowReader.buffered(context.channel) > core.limits.outboundMaximumBytes {
            return abort(.slowReader)
        }
        let buffer = context.channel.allocator.buffer(bytes: writer.bytes)
        // A connection that once had a large reply should not hold its memory for ever.
        writer.bytes.removeAll(keepingCapacity: writer.bytes.capacity <= 16 << 10)
        core.metrics.bytesOut.add(buffer.readableBytes)
        slowReader.wrote(buffer.readableBytes)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        if !context.channel.isWritable { watchReader(context) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            slowReader.stop()
            // Not at once: this may be called out of our own write.
            flushSoon()
            catchUp()
        } else {
            watchReader(context)
        }
        context.fireChannelWritabilityChanged()
    }

    private func watchReader(_ context: ChannelHandlerContext) {
        slowReader.start(context.channel) { [weak self] in self?.abort(.slowReader) }
    }

    // MARK: Ending

    private func startDraining() {
        guard let context, drainMark == nil, !isEnding else { return }
        drainMark = framer.received
        drainArrived = framer.received + context.unreadBytes
        drainBegan = .now()
        core.metrics.countClosed(.drain)
        waitForQuiet()
        advance()
    }

    /// Whoever goes on sending is heard for a while, not for ever.
    private var isPatient: Bool { .now() - drainBegan < TimeAmount(core.limits.drainPatience) }

    /// A draining connection is closed when it is idle and nothing has come for a moment: calls that were under way to us
    /// get an answer instead of a reset.
    private func waitForQuiet() {
        guard let context, isPatient else { return }
        quiet?.cancel()
        let delay = TimeAmount(core.limits.drainQuiet)
        quiet = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
            quiet = nil
            // Not only to the end: calls may have made room just before, and frames wait for it.
            advance()
        }
    }

    private func endIfDone() {
        guard !isEnding, calls.isEmpty else { return }
        if isInputClosed, framer.isEmpty { return end() }
        if framer.isOver { return end() }
        guard let context, drainMark != nil, quiet == nil, mayTakeFrame(context) else { return }
        if framer.received >= drainArrived, !isPatient || context.unreadBytes == 0 { end() }
    }

    /// Says our last words and closes once they are out. Until the client has closed too, its bytes are read and thrown
    /// away, since closing a socket with unread bytes resets it and can destroy the replies before it.
    private func end() {
        guard let context, !isEnding else { return }
        flush()
        // The flush may have found that the reader takes nothing.
        guard !isEnding else { return }
        isEnding = true
        if isInputClosed, drainMark == nil { core.metrics.countClosed(.client) }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0)), promise: written)
        // Our last words are not waited for longer than any others.
        close(context, in: core.limits.slowReader)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            guard let context = self.context else { return }
            guard !isInputClosed else { return context.close(promise: nil) }
            context.close(mode: .output, promise: nil)
            close(context, in: core.limits.linger)
            if isReadHeld {
                isReadHeld = false
                context.read()
            }
        }
    }

    private func close(_ context: ChannelHandlerContext, in delay: Duration) {
        farewell?.cancel()
        farewell = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [self] in
            self.context?.close(promise: nil)
        }
    }

    /// Closes at once.
    private func abort(_ reason: Metrics.ConnectionEnd) {
        guard let context, !isEnding else { return }
        isEnding = true
        writer.bytes = []
        core.metrics.countClosed(reason)
        context.close(promise: nil)
    }
}
