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
    var drain: ConnectionDrain?
    /// Closes the connection where the client does not.
    var farewell: Scheduled<Void>?
    var isReadHeld = false
    var isFlushScheduled = false
    private var isWelcomed = false
    /// Whether others have their turn before the frames that are left.
    private(set) var isYielding = false
    let slowReader: SlowReaderWatch
    private var certificateNames: (() -> [String])?
    private var strays: StrayCounter

    /// From where the client calls; `nil` on a Unix socket.
    private(set) var address: IPAddress?
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

    /// - Parameter certificateNames: those of the certificate that the client has shown, asked for once something was read.
    init(core: ServerCore, certificateNames: (() -> [String])? = nil) {
        self.certificateNames = certificateNames
        let limits = core.limits
        self.core = core
        self.limits = limits
        self.number = core.nextConnection()
        self.framer = Framer(limit: min(limits.frameBytes, limits.frameBytesAnonymous), framing: core.wire.framing)
        self.session = CallerSession(credential: nil, facts: core.facts)
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
        address = context.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        peer = limits.peer(address)
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
        drain?.quiet?.cancel()
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
        if let names = certificateNames.take()?(), !names.isEmpty { speak(for: .certificate(names)) }
        uncountedBytes += buffer.readableBytes
        framer.append(buffer)
        if drain != nil { waitForQuiet() }
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

    func mayTakeFrame(_ context: ChannelHandlerContext) -> Bool {
        calls.hasRoom(upTo: callsInFlight) && context.channel.isWritable && (pause == nil || drain != nil)
    }

    /// Has later calls speak for whoever has shown this, with the limits that go with it.
    func speak(for credential: Credential?) {
        session.credential = credential
        framer.limit = credential == nil ? min(limits.frameBytes, limits.frameBytesAnonymous) : limits.frameBytes
    }

    /// How many calls of the connection may run or wait at once.
    var callsInFlight: Int {
        let all = limits.callsInFlight
        return session.credential == nil ? min(all, limits.callsInFlightAnonymous) : all
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
        case .tooLong: refuse(.frameTooLarge(framer.limit, isSkipped: true))
        case .broken(let breach): refuse(breach)
        case .message(let bytes, let style): take(message: bytes, style)
        }
    }

    /// Says why the connection ends once what it asked before is answered.
    private func refuse(_ breach: Framer.Breach) {
        switch breach {
        case .tooLong: refuse(.frameTooLarge(framer.limit, isSkipped: false))
        case .badHeader: refuse(CallError(.parseError, "a header block is not one with a single Content-Length"))
        case .truncated: refuse(CallError(.parseError, "the stream ended within a message"))
        }
        if !isInputClosed { core.metrics.countClosed(.badFrame) }
    }

    /// Answers something that had no id.
    func refuse(_ error: CallError) {
        fail(error, id: nil, to: .frame(framer.style))
    }

    /// Counts a response that nobody asked for.
    func takeStray() {
        if strays.isOneTooMany(at: .now()) { abort(.strayResponses) }
    }
}
