import Synchronization

/// What another session said with `NOTIFY`. The payload is a hint; the tables are the truth.
package struct Notification: Sendable, Hashable {
    package let channel: String
    package let payload: String
}

/// Listens on channels over a connection of its own, and comes back by itself when it is lost.
package struct Notifications: Sendable {
    /// What a listener learns.
    package enum Event: Sendable, Hashable {
        /// Listening (again): anything may have happened since the last event, so look at the tables.
        case resync
        case notification(Notification)
    }

    private let configuration: PostgresConfiguration
    private let channels: [String]

    /// - Parameter channels: plain identifiers.
    package init(_ configuration: PostgresConfiguration, channels: [String]) {
        self.configuration = configuration
        self.channels = channels
    }

    /// The events, oldest first. Where a slow listener lets more than the capacity wait, the oldest are dropped and a
    /// `.resync` stands for them. Ends when the task that iterates is cancelled.
    ///
    /// - Parameter whenLost: called as soon as a connection is lost that listened: until the next `.resync` nothing is heard.
    package func events(
        capacity: Int = 1024,
        whenLost: @escaping @Sendable () -> Void = {}
    ) -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self,
            bufferingPolicy: .bufferingNewest(capacity)
        )
        let reactor = Reactor()
        reactor.start()
        let task = Task {
            var attempts = 0
            while !Task.isCancelled {
                // What arrives before the resync is covered by it.
                let gate = Gate()
                let lost = await listen(on: reactor) {
                    gate.open { continuation.yield(.resync) }
                } deliver: { notification in
                    gate.pass {
                        if case .dropped = continuation.yield(.notification(notification)) {
                            continuation.yield(.resync)
                        }
                    }
                }
                if lost { whenLost() }
                attempts = lost ? 0 : attempts + 1
                let pause = min(5.0, 0.1 * Double(1 << min(attempts, 6))) * Double.random(in: 0.5..<1)
                try? await Task.sleep(for: .seconds(pause))
            }
            reactor.stop()
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    /// Keeps notifications back until the resync is out, which another thread is about to send.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)

        func open(_ first: () -> Void) {
            isOpen.withLock { isOpen in
                isOpen = true
                first()
            }
        }

        func pass(_ body: () -> Void) { isOpen.withLock { if $0 { body() } } }
    }

    /// Connects, listens and waits for the end; true if it had come as far as listening.
    private func listen(
        on reactor: Reactor,
        started: () -> Void,
        deliver: @escaping @Sendable (Notification) -> Void
    ) async -> Bool {
        let outcome = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<Connection, ConnectionFailure>, Never>) in
            Connector.connect(configuration, readOnly: false, reactor: reactor, onNotification: deliver) {
                continuation.resume(returning: $0)
            }
        }
        guard case .success(let connection) = outcome else { return false }
        let commands = channels.map { PipelineCommand.control(SQL("listen", "LISTEN \"\($0)\"")) }
        let answer = await connection.submit(commands, effect: .cleanup, until: .after(.seconds(10)))
        guard case .success = answer else {
            connection.close()
            return false
        }
        started()
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                connection.whenClosed { continuation.resume() }
            }
        } onCancel: {
            connection.close()
        }
        return true
    }
}
