import TestSupport
import Testing

@testable import Postgres

@Suite("Listening", .needsServer, .database, .timeLimit(.minutes(1)))
struct NotificationTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    private func configuration(_ name: String) -> PostgresConfiguration {
        PostgresConfiguration(connectionString: database.conninfo.text, applicationName: name)
    }

    @Test("gives a resync first, then the notifications in order, from every channel")
    func order() async throws {
        let listener = Notifications(configuration("in_order"), channels: ["one", "two"])
        var events = listener.events().makeAsyncIterator()
        #expect(await events.next() == .resync)
        try await database.withPool(leased: 1) { pool in
            for number in 0..<100 {
                try await pool.run("NOTIFY \(number % 2 == 0 ? "one" : "two"), '\(number)'")
            }
        }
        for number in 0..<100 {
            let expected = Notification(channel: number % 2 == 0 ? "one" : "two", payload: "\(number)")
            #expect(await events.next() == .notification(expected))
        }
    }

    @Test("carries an empty payload and one of 7,999 bytes")
    func payloads() async throws {
        var events = Notifications(configuration("payloads"), channels: ["payloads"]).events().makeAsyncIterator()
        #expect(await events.next() == .resync)
        let long = String(repeating: "嘉", count: 2666) + "x"
        try await database.withPool(leased: 1) { pool in
            try await pool.run("NOTIFY payloads")
            try await pool.run("NOTIFY payloads, '\(long)'")
        }
        #expect(await events.next() == .notification(Notification(channel: "payloads", payload: "")))
        #expect(await events.next() == .notification(Notification(channel: "payloads", payload: long)))
    }

    @Test("says resync where a slow listener has missed something")
    func overflow() async throws {
        let listener = Notifications(configuration("slow_listener"), channels: ["flood"])
        var events = listener.events(capacity: 1).makeAsyncIterator()
        #expect(await events.next() == .resync)
        try await database.withPool(leased: 1) { pool in
            try await pool.run("SELECT pg_notify('flood', number::text) FROM generate_series(1, 1000) number")
        }
        // Whatever is dropped last is followed by a resync, so one always comes to stand.
        while let event = await events.next(), event != .resync {}
    }

    @Test("comes back with a resync after its backend is killed")
    func killed() async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        var events = Notifications(configuration("to_be_killed"), channels: ["killed"]).events().makeAsyncIterator()
        for round in 0..<3 {
            #expect(await events.next() == .resync)
            try await observer.execute("NOTIFY killed, '\(round)'")
            #expect(await events.next() == .notification(Notification(channel: "killed", payload: "\(round)")))
            let process = try await observer.value(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'to_be_killed'"
            )
            try await observer.kill(try #require(process.flatMap { Int32($0) }))
        }
        #expect(await events.next() == .resync)
    }

    @Test("ends when its task is cancelled, and leaves no session behind")
    func cancelled() async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        let (log, configuration) = (EventLog<Notifications.Event>(), configuration("to_be_cancelled"))
        let task = Task {
            for await event in Notifications(configuration, channels: ["cancelled"]).events() { log.record(event) }
        }
        #expect(try await log.next() == .resync)
        task.cancel()
        await task.value
        try await observer.wait(
            for: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'to_be_cancelled')"
        )
    }

    @Test("gives no notification before the first resync, however busy the channel is")
    func resyncFirst() async throws {
        let configuration = configuration("resync_first")
        try await database.withPool(leased: 2) { pool in
            try await pool.run("NOTIFY busy")
            await withTaskGroup(of: Void.self) { group in
                group.addTask { while !Task.isCancelled { _ = try? await pool.run("NOTIFY busy") } }
                for _ in 0..<20 {
                    var events = Notifications(configuration, channels: ["busy"]).events().makeAsyncIterator()
                    #expect(await events.next() == .resync)
                }
                group.cancelAll()
            }
        }
    }

    @Test("ends also while there is no server to reach")
    func unreachable() async throws {
        var configuration = configuration("unreachable")
        configuration.connectionString = "host=/nonexistent dbname=x"
        let stream = Notifications(configuration, channels: ["x"]).events()
        let task = Task { for await _ in stream {} }
        task.cancel()
        await task.value
    }
}
