import Postgres
import Testing

extension TestDatabase {
    /// Lends what is said to workers, from now on.
    package func hearing(_ body: (EventLog<String>) async throws -> Void) async throws {
        let heard = EventLog<String>()
        let listener = Task {
            for await event in Notifications(configuration, channels: ["queue_wake"]).events() {
                switch event {
                case .resync: heard.record("listening")
                case .notification(let notification): heard.record(notification.payload)
                }
            }
        }
        defer { listener.cancel() }
        #expect(try await heard.next() == "listening")
        try await body(heard)
    }
}
