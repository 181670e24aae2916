import NIOCore

/// A connection's part in the drain of its server.
struct ConnectionDrain {
    /// What was read when it began, in bytes since the connection began. Frames after it are refused.
    let mark: Int
    /// What had come by then, read or not: so much is heard, however long it takes.
    let arrived: Int
    let began: NIODeadline
    /// Set while something may still come that was under way.
    var quiet: Scheduled<Void>?

    /// Whoever goes on sending is heard for a while, not for ever.
    func isPatient(_ limits: ServiceLimits) -> Bool { .now() - began < TimeAmount(limits.drainPatience) }
}

/// How a connection ends.
extension ConnectionHandler {
    /// Answers what has come, refuses what comes, and ends when it is idle.
    func startDraining() {
        guard let context, drain == nil, !isEnding else { return }
        drain = ConnectionDrain(mark: framer.received, arrived: framer.received + context.unreadBytes, began: .now())
        core.metrics.countClosed(.drain)
        // Only to who is used to being told something: others may take it for an answer.
        if !subscriptions.isEmpty {
            notify("system.draining") { $0.member("deadline_ms", limits.drain.milliseconds) }
        }
        waitForQuiet()
        advance()
    }

    /// Whether calls are refused, since they came after the drain began.
    var isRefusing: Bool { drain.map { framer.consumed > $0.mark } ?? false }

    /// A draining connection is closed when it is idle and nothing has come for a moment: calls that were under way to us
    /// get an answer instead of a reset.
    func waitForQuiet() {
        guard let context, let drain, drain.isPatient(limits) else { return }
        drain.quiet?.cancel()
        let delay = TimeAmount(limits.drainQuiet)
        self.drain?.quiet = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
            self.drain?.quiet = nil
            // Not only to the end: calls may have made room just before, and frames wait for it.
            advance()
        }
    }

    func endIfDone() {
        guard !isEnding, calls.isEmpty else { return }
        if isInputClosed, framer.isEmpty { return end() }
        if framer.isOver { return end() }
        guard let context, let drain, drain.quiet == nil, !isYielding, mayTakeFrame(context) else { return }
        if framer.received >= drain.arrived, !drain.isPatient(limits) || context.unreadBytes == 0 { end() }
    }

    /// Says our last words and closes once they are out. Until the client has closed too, its bytes are read and thrown
    /// away, since closing a socket with unread bytes resets it and can destroy the replies before it.
    func end() {
        guard let context, !isEnding else { return }
        flush()
        // The flush may have found that the reader takes nothing.
        guard !isEnding else { return }
        isEnding = true
        if isInputClosed, drain == nil { core.metrics.countClosed(.client) }
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
