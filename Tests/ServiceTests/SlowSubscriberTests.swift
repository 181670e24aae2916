import TestSupport
import Testing

@testable import Service

@Suite("Subscribers of one service", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct SlowSubscriberTests {
    private static let opening =
        #"{"jsonrpc":"2.0","id":1,"method":"subscriptions.open","params":{"topics":["amenity.changed"]}}"# + "\n"

    private func withServer(limits: ServiceLimits, _ body: (TestServer) async throws -> Void) async throws {
        try await TestDatabase.required().withServicePool { pool in
            try await TestServer.with(limits: limits, pool: pool, body)
        }
    }

    private static func insert(_ range: ClosedRange<Int>) -> String {
        """
        insert into service.event (topic, object, payload)
        select 'amenity.changed', n::text, jsonb_build_object('id', n::text, 'why', repeat('x', 6000))
        from generate_series(\(range.lowerBound), \(range.upperBound)) n
        """
    }

    /// The numbers of the events that come until the last one of those that were made.
    private func events(_ client: inout Client, until last: Int) async throws -> [Int] {
        var seen: [Int] = []
        while seen.last != last {
            let line = try #require(await client.receive()).prefix(200)
            // Looked for and not parsed: there are many.
            guard let name = line.firstRange(of: #""id": ""#) else { continue }
            seen.append(try #require(Int(line[name.upperBound...].prefix { $0.isNumber })))
        }
        return seen
    }

    @Test("are not delayed by one that reads nothing, which misses nothing when it reads again")
    func slow() async throws {
        let observer = try await TestDatabase.required().observer()
        defer { observer.close() }
        var limits = ServiceLimits()
        limits.slowReader = .seconds(3600)
        try await withServer(limits: limits) { server in
            var (slow, quick) = (try await Client(port: server.port, reads: false), try await Client(port: server.port))
            try await slow.send(Self.opening)
            try await quick.send(Self.opening)
            #expect(await quick.receive()?.contains(#""sub":"#) == true)
            let opened = #"{method="subscriptions.open",outcome="ok"} 2"#
            while !server.core.metrics.text.contains(opened) { await Task.yield() }
            // More than the sockets take for one who does not read, and fewer than are replayed.
            let count = 3000
            for start in stride(from: 1, to: count, by: 1000) {
                try await observer.execute(Self.insert(start...start + 999))
                #expect(try await events(&quick, until: start + 999) == Array(start...start + 999))
            }
            #expect(server.core.unsent.total > 0, "it has not read")
            #expect(server.core.unsent.total < server.core.limits.outboundMaximumBytes)
            try await slow.startReading()
            #expect(try await events(&slow, until: count) == Array(1...count))
        }
    }

    @Test("are told when the service begins to drain; others, who may take it for an answer, are not")
    func draining() async throws {
        try await TestDatabase.required().withServicePool { pool in
            let server = try await TestServer(pool: pool)
            var (subscriber, other) = (try await Client(port: server.port), try await Client(port: server.port))
            try await subscriber.send(Self.opening)
            #expect(await subscriber.receive()?.contains(#""sub":"#) == true)
            #expect(try await other.ask(#"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#) != nil)
            await server.listening.drain()
            let told = await subscriber.receiveAll()
            #expect(
                told == [
                    #"{"jsonrpc":"2.0","method":"system.draining","params":{"deadline_ms":10000}}"# + "\n"
                ]
            )
            #expect(await other.receiveAll() == [])
        }
    }
}
