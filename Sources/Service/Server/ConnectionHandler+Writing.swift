import NIOCore

/// From replies to the channel, as fast as the client takes them.
extension ConnectionHandler {
    /// Flushes with all that ends in this turn of the loop.
    func flushSoon() {
        guard let context, !isFlushScheduled else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute { [self] in
            isFlushScheduled = false
            advance()
        }
    }

    func flush() {
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
}
