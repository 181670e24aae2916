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
    /// Those in force when it began: a connection keeps them, whatever is read anew.
    let limits: ServiceLimits
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
    /// Set while subscriptions that had enough for a second wait for the next.
    var nextSecond: Scheduled<Void>?

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
    var isReadHeld = false
    private var isFlushScheduled = false
    private var isWelcomed = false
    /// Whether others have their turn before the frames that are left.
    private var isYielding = false
    private let slowReader: SlowReaderWatch
    private var strays: StrayCounter

    /// Who limits are counted for; `nil` if they don't apply.
    private(set) var peer: Peer?
    var arrivals: ArrivalWatch
    /// Looks at ``arrivals``, at the latest when their time is up.
    var arrivalTimer: (timer: Scheduled<Void>, at: NIODeadline)?
    /// Set while the client is not listened to, since it has spent too much.
    var pause: Scheduled<Void>?
    /// Cost of what can't be charged before it has happened, and bytes not yet counted in.
    var debt = 0
    var uncountedBytes = 0
    var refusals: StrayCounter
    /// Bytes of replies that the client has not taken, as far as all connections together know of them.
    var unsent = 0

    init(core: ServerCore) {
        let limits = core.limits
        self.core = core
        self.limits = limits
        self.number = core.nextConnection()
        self.framer = Framer(limit: limits.frameBytes, framing: core.wire.framing)
        self.session = CallerSession(token: nil, facts: core.facts)
        self.ids = RequestIDs(random: .random(in: 0 ... .max))
        self.slowReader = SlowReaderWatch(patience: limits.slowReader)
        self.strays = StrayCounter(limit: limits.strayResponses)
        self.refusals = StrayCounter(limit: limits.rateRefusals)
        self.arrivals = ArrivalWatch(limits: limits, at: .now())
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
        core.throttle.opened()
        peer = limits.peer(context.remoteAddress?.ipAddress.flatMap { IPAddress($0) })
        guard let refusal = core.registry.insert(context.channel, from: peer) else { return watchArrivals() }
        core.metrics.countClosed(refusal == .draining ? .drain : .tooMany)
        refuse(CallError(refusal))
        end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        core.metrics.connectionsOpen.add(-1)
        core.throttle.closed()
        core.registry.remove(context.channel, from: peer)
        core.unsent.change(from: unsent, to: 0)
        payDebts()
        if !isEnding { core.metrics.countClosed(.client) }
        isEnding = true
        self.context = nil
        quiet?.cancel()
        farewell?.cancel()
        arrivalTimer?.timer.cancel()
        pause?.cancel()
        nextSecond?.cancel()
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
        uncountedBytes += buffer.readableBytes
        framer.append(buffer)
        if drainMark != nil { waitForQuiet() }
        if !isYielding { takeFrames() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isYielding { flush() }
        document.forget()
        endIfDone()
        context.fireChannelReadComplete()
    }

    /// Lets the channel read only while its calls and replies are within bounds: what isn't read pushes back on the client.
    func read(context: ChannelHandlerContext) {
        if mayRead(context) { context.read() } else { isReadHeld = true }
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        isEnding || !isYielding && mayTakeFrame(context)
    }

    private func mayTakeFrame(_ context: ChannelHandlerContext) -> Bool {
        calls.hasRoom(upTo: callsInFlight) && context.channel.isWritable && (pause == nil || drainMark != nil)
    }

    /// How many calls of the connection may run or wait at once.
    var callsInFlight: Int {
        let all = limits.callsInFlight
        return session.token == nil ? min(all, limits.callsInFlightAnonymous) : all
    }

    /// Goes on with what was read, then with reading, after something made room.
    func advance() {
        if !isYielding { takeFrames() }
        if !isYielding { flush() }
        endIfDone()
        guard let context, isReadHeld, mayRead(context) else { return }
        isReadHeld = false
        arrivals.resumed(at: .now())
        context.read()
    }

    /// Takes as many frames as one turn has; the others wait for the connections of the same loop.
    private func takeFrames() {
        var left = limits.framesPerTurn
        while let context, !isEnding, mayTakeFrame(context) {
            guard left > 0 else { return giveWay(on: context.eventLoop) }
            guard let frame = framer.next() ?? (isInputClosed ? framer.finish() : nil) else {
                let now = NIODeadline.now()
                if left < limits.framesPerTurn { arrivals.took(at: now) }
                arrivals.looked(pending: framer.pending.readableBytes, at: now)
                watchArrivals()
                return doubt()
            }
            left -= 1
            take(frame)
            if writer.bytes.count >= limits.outboundHighWaterBytes { flush() }
        }
        if left < limits.framesPerTurn { arrivals.took(at: .now()) }
    }

    private func giveWay(on loop: any EventLoop) {
        isYielding = true
        arrivals.took(at: .now())
        loop.assumeIsolated().execute { [self] in
            isYielding = false
            advance()
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
        case .tooLong: refuse(.frameTooLarge(limits.frameBytes, isSkipped: true))
        case .broken(let breach): refuse(breach)
        case .message(let bytes, let style): take(message: bytes, style)
        }
    }

    /// Says why the connection ends once what it asked before is answered.
    private func refuse(_ breach: Framer.Breach) {
        switch breach {
        case .tooLong: refuse(.frameTooLarge(limits.frameBytes, isSkipped: false))
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
    func refuse(_ error: CallError) {
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
        if isBlocked, slowReader.buffered(context.channel) > limits.outboundMaximumBytes {
            return abort(.slowReader)
        }
        let buffer = context.channel.allocator.buffer(bytes: writer.bytes)
        // A connection that once had a large reply should not hold its memory for ever.
        writer.bytes.removeAll(keepingCapacity: writer.bytes.capacity <= 16 << 10)
        core.metrics.bytesOut.add(buffer.readableBytes)
        uncountedBytes += buffer.readableBytes
        slowReader.wrote(buffer.readableBytes)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        watchReader(context)
        if core.unsent.isTooMuch(unsent) { abort(.unsentTotal) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        watchReader(context)
        if context.channel.isWritable {
            // Not at once: this may be called out of our own write.
            flushSoon()
            catchUp()
        }
        context.fireChannelWritabilityChanged()
    }

    /// Watches the client as long as it has replies to take.
    private func watchReader(_ context: ChannelHandlerContext) {
        note(unsent: slowReader.buffered(context.channel))
        guard unsent > 0 else { return slowReader.stop() }
        slowReader.start(context.channel) { [weak self] in
            self?.note(unsent: $0)
        } whenStuck: { [weak self] in
            self?.abort(.slowReader)
        }
    }

    private func note(unsent now: Int) {
        guard self.context != nil else { return }
        core.unsent.change(from: unsent, to: now)
        unsent = now
    }

    // MARK: Ending

    private func startDraining() {
        guard let context, drainMark == nil, !isEnding else { return }
        drainMark = framer.received
        drainArrived = framer.received + context.unreadBytes
        drainBegan = .now()
        core.metrics.countClosed(.drain)
        // Only to who is used to being told something: others may take it for an answer.
        if !subscriptions.isEmpty {
            notify("system.draining") { $0.member("deadline_ms", limits.drain.milliseconds) }
        }
        waitForQuiet()
        advance()
    }

    /// Whoever goes on sending is heard for a while, not for ever.
    private var isPatient: Bool { .now() - drainBegan < TimeAmount(limits.drainPatience) }

    /// A draining connection is closed when it is idle and nothing has come for a moment: calls that were under way to us
    /// get an answer instead of a reset.
    private func waitForQuiet() {
        guard let context, isPatient else { return }
        quiet?.cancel()
        let delay = TimeAmount(limits.drainQuiet)
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
        guard let context, drainMark != nil, quiet == nil, !isYielding, mayTakeFrame(context) else { return }
        if framer.received >= drainArrived, !isPatient || context.unreadBytes == 0 { end() }
    }

    /// Says our last words and closes once they are out. Until the client has closed too, its bytes are read and thrown
    /// away, since closing a socket with unread bytes resets it and can destroy the replies before it.
    func end() {
        guard let context, !isEnding else { return }
        flush()
        // The flush may have found that the reader takes nothing.
        guard !isEnding else { return }
        isEnding = true
        if isInputClosed, drainMark == nil { core.metrics.countClosed(.client) }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0)), promise: written)
        // Our last words are not waited for longer than any others.
        close(context, in: limits.slowReader)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            guard let context = self.context else { return }
            guard !isInputClosed else { return context.close(promise: nil) }
            context.close(mode: .output, promise: nil)
            close(context, in: limits.linger)
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
    func abort(_ reason: Metrics.ConnectionEnd) {
        guard let context, !isEnding else { return }
        isEnding = true
        writer.bytes = []
        core.metrics.countClosed(reason)
        context.close(promise: nil)
    }
}
