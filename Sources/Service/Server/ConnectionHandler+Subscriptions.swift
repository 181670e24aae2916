import NIOCore
import Postgres

/// From events to notifications.
extension ConnectionHandler {
    /// Adds a subscription; false when the connection has too many.
    func subscribe(_ subscription: Subscription, last: Int64) -> Bool {
        guard let context else { return false }
        guard subscriptions.count < limits.subscriptions else { return false }
        subscriptions.add(subscription)
        subscriptions.lookBack(to: max(last, attach(context, at: last)))
        // After the answer, which is written in this turn of the loop.
        context.eventLoop.assumeIsolated().execute { [self] in catchUp() }
        return true
    }

    /// Ends a subscription; false when there is none of this name.
    func unsubscribe(_ name: String) -> Bool {
        guard subscriptions.remove(name) else { return false }
        if let context { _ = attach(context, at: 0) }
        return true
    }

    /// Ends all of them: the connection is gone.
    func unsubscribeAll() { core.backend.events.detach(number) }

    /// Has those that fell behind read what they missed, one after the other, while the client takes what it is sent.
    func catchUp() {
        guard let context, !isEnding, context.channel.isWritable else { return }
        guard let behind = subscriptions.nextBehind(in: Self.second) else { return waitForNextSecond(context) }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let hub = core.backend.events
        // Not a child of any task: it is born on an event loop, and ends at its deadline if nobody waits for it.
        Task(executorPreference: core.backend.executor) {
            let read = await hub.replay(
                after: behind.position,
                topics: behind.topics,
                until: .after(.seconds(10))
            )
            loop.execute { handler.value.caughtUp(behind.name, read) }
        }
    }

    // MARK: Private

    private static var second: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000_000) }

    /// Comes back for those that had enough for this second.
    private func waitForNextSecond(_ context: ChannelHandlerContext) {
        guard nextSecond == nil, subscriptions.isHeldBack(in: Self.second) else { return }
        nextSecond = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [self] in
            nextSecond = nil
            catchUp()
        }
    }

    /// Tells the hub of this connection; returns up to which number nothing will come from it any more.
    private func attach(_ context: ChannelHandlerContext, at last: Int64) -> Int64 {
        guard !subscriptions.isEmpty else {
            unsubscribeAll()
            return last
        }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        return core.backend.events.attach(
            number,
            EventHub.Subscriber(credentials: subscriptions.credentials) { batch in
                loop.execute { handler.value.take(batch) }
            },
            at: last
        )
    }

    private func take(_ batch: EventBatch) {
        guard let context, !isEnding else { return }
        if !batch.revoked.isEmpty {
            for gone in subscriptions.remove(holding: batch.revoked) { writeEnd(of: gone) }
            _ = attach(context, at: 0)
        }
        for (subscription, events) in subscriptions.take(batch, isWritable: context.channel.isWritable, in: Self.second)
        {
            for event in events { write(event, of: subscription) }
        }
        flushSoon()
        catchUp()
    }

    private func caughtUp(_ name: String, _ read: (gaps: [EventGap], batch: EventBatch)?) {
        guard let context, !isEnding else { return }
        guard let (subscription, events) = subscriptions.finishReading(name, read?.batch, in: Self.second) else {
            // Closed; or the database is away, and is tried again a little later.
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(500)) { [self] in catchUp() }
            return
        }
        for gap in read?.gaps ?? [] { write(gap, of: subscription) }
        for event in events { write(event, of: subscription) }
        flushSoon()
        catchUp()
    }

    // MARK: Notifications

    func notify(_ method: String, _ params: (inout JSONWriter) -> Void) {
        let mark = writer.bytes.count
        writer.raw("{\"jsonrpc\":\"2.0\",\"method\":")
        writer.string(method)
        writer.raw(",\"params\":{")
        params(&writer)
        writer.raw("}}")
        writer.frame(from: mark, as: framer.style)
    }

    private func write(_ event: Event, of subscription: Subscription) {
        notify(event.topic.rawValue) { writer in
            writer.member("sub", subscription.name)
            writer.member("seq", Int(event.seq))
            writer.member("at", event.at)
            writer.bytes.append(.comma)
            // The payload is an object with members, written by our own triggers.
            writer.line(Array(event.payload.utf8.drop { $0 != .openBrace }.dropFirst().dropLast()))
        }
    }

    private func write(_ gap: EventGap, of subscription: Subscription) {
        notify("subs.gap") { writer in
            writer.member("sub", subscription.name)
            writer.member("from", Int(gap.from))
            writer.member("to", Int(gap.to))
            writer.member("reason", gap.reason.rawValue)
        }
    }

    private func writeEnd(of subscription: Subscription) {
        notify("subs.closed") { writer in
            writer.member("sub", subscription.name)
            writer.member("reason", "unauthenticated")
        }
    }
}
