import TestSupport
import Testing

@testable import Commands
@testable import Service

/// Clients of every bad kind at once, and one that only wants its answers.
@Suite("A service among bad clients", .serialized, .drillLimit)
struct CrowdedServiceTests {
    @Test("Idle, dribbling, greedy and deaf clients together keep nobody else from an answer")
    func crowd() async throws {
        let drill = Drill("S31")
        var limits = ServiceLimits()
        limits.connections = 10_000
        try await TestServer.with(limits: limits) { server in
            var crowd: [Client] = []
            let idle = Drill.size(100, long: 2000)
            for number in 0..<idle {
                var client = try await Client(port: server.port)
                #expect(try await client.ask(SocketTests.ping(id: "\(number)")) != nil)
                crowd.append(client)
            }
            for _ in 0..<Drill.size(20, long: 200) {
                let client = try await Client(port: server.port)
                try await client.send(#"{"jsonrpc":"2.0","id":1,"#)
                crowd.append(client)
            }
            let deaf = try await Client(port: server.port, reads: false)
            let echo = String(repeating: "e", count: 1 << 17)
            // The sockets hold a part of it; the rest is the server's to bear, up to a limit.
            for _ in 0..<400 { deaf.post(SocketTests.ping(id: "1", params: #"["\#(echo)"]"#) + "\n") }
            var greedy = try await Client(port: server.port)
            let greed = 10_000
            greedy.post((0..<greed).map { SocketTests.ping(id: "\($0)") + "\n" }.joined())
            var victim = try await Client(port: server.port)
            var waits = LatencyHistogram()
            let calls = Drill.size(200, long: 20_000)
            for id in 0..<calls {
                let start = ContinuousClock.now
                let reply = try await victim.ask(SocketTests.ping(id: "\(id)"))
                waits.add(start.duration(to: .now).nanoseconds)
                #expect(reply?.contains("\"id\":\(id),\"result\"") == true)
            }
            var answered = 0
            while answered < greed, await greedy.receive()?.contains("\"id\":\(answered),") == true { answered += 1 }
            #expect(answered == greed)
            // Those who never came to the end of a message may have been closed meanwhile.
            #expect(server.core.metrics.connectionsOpen.value >= idle)
            // Unless it was cut off before.
            try? await deaf.reset()
            drill.report([
                "clients": crowd.count + 3, "calls": calls, "ms waited at p50, p99 and most": waits.milliseconds,
            ])
        }
    }

    @Test("Whatever bytes come, the service goes on and forgets who sent them")
    func noise() async throws {
        let drill = Drill("S4")
        var random = SplitMix64.announced("service fuzz")
        let streams = Drill.rounds(100, long: 20_000)
        var answered = 0
        try await TestServer.with { server in
            for _ in 0..<streams {
                var client = try await Client(port: server.port)
                let framing = Framing.allCases.randomElement(using: &random) ?? .auto
                for part in WireFuzzTests.noise(framing, &random) {
                    // The server may have had enough before the end.
                    guard (try? await client.send(part)) != nil else { break }
                }
                try? await client.closeOutput()
                answered += await client.receiveAll().count
            }
            while server.core.metrics.connectionsOpen.value > 0 { await Task.yield() }
            var client = try await Client(port: server.port)
            #expect(try await client.ask(SocketTests.ping(id: "1"))?.contains(#""result""#) == true)
            #expect(!server.core.metrics.text.contains(#"outcome="internal""#))
        }
        #expect(answered > streams / 2)
        drill.report(["streams": streams, "lines in answer": answered])
    }
}
