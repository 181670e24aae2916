/// Events that a test waits for instead of sleeping. One task waits at a time; an event is seen once.
package final class EventLog<Event: Sendable>: Sendable {
    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    package init() { (stream, continuation) = AsyncStream.makeStream() }

    package func record(_ event: Event) { continuation.yield(event) }

    /// Waits for the first event, past or to come, that the closure picks a value from; those before it are dropped.
    package func first<Value>(_ pick: (Event) -> Value?) async throws -> Value {
        for await event in stream {
            if let value = pick(event) { return value }
        }
        throw TestSupportError("the event never came")
    }

    package func next() async throws -> Event { try await first { $0 } }
}
