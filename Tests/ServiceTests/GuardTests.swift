import Glibc
import Logging
import NIOCore
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Service

@Suite("One client among many", .timeLimit(.minutes(2)))
struct GuardTests {
    private static func call(_ id: Int, _ method: String = "test.read") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"# + "\n"
    }

    private static func table(_ gate: Gate) -> MethodTable {
        MethodTable([MethodEntry(local: Ping.self), gate.method("test.read")])
    }

    /// Rates of nearly nothing, which a clock that stands still never gives back.
    private static func poor(burst: Int, pause: Duration = .zero) -> ServiceLimits {
        var limits = ServiceLimits()
        limits.rateAnonymous = CostRate(perSecond: 1, burst: burst)
        limits.ratePause = pause
        limits.rateRefusals = 5
        return limits
    }

    @Test("Who has spent his burst is refused and told when to come again; a new connection changes nothing")
    func rate() async throws {
        let gate = Gate()
        gate.open()
        try await TestServer.with(Self.table(gate), limits: Self.poor(burst: 3), exempt: [], now: { 0 }) { server in
            var client = try await Client(port: server.port)
            for id in 0..<4 {
                try await client.send(Self.call(id))
                #expect(await client.receive()?.contains(#""result""#) == true)
            }
            for _ in 0..<2 {
                var client = try await Client(port: server.port)
                try await client.send(Self.call(7))
                let refusal = try #require(await client.receive())
                #expect(refusal.hasPrefix(#"{"jsonrpc":"2.0","id":7,"error":{"code":-32003,"#), "\(refusal)")
                #expect(
                    refusal.contains(#""kind":"rate_limited","retryable":true,"retry_after_ms":1000,"#),
                    "\(refusal)"
                )
                // What costs nothing is not refused.
                try await client.send(Self.call(8, "system.ping"))
                #expect(await client.receive()?.contains(#""result""#) == true)
                try await client.close()
            }
            #expect(server.core.metrics.rateRefusals.value == 2)
        }
    }

    @Test("Failures cost too, and who goes on after refusals loses his connection")
    func hammering() async throws {
        let gate = Gate()
        gate.open()
        try await TestServer.with(Self.table(gate), limits: Self.poor(burst: 3), exempt: [], now: { 0 }) { server in
            var client = try await Client(port: server.port)
            try await client.send("nonsense\n")
            #expect(await client.receive()?.contains(#""code":-32700"#) == true)
            for id in 0..<20 { try? await client.send(Self.call(id)) }
            let replies = await client.receiveAll()
            #expect(replies.count >= 5 && replies.count < 20, "\(replies.count)")
            for reply in replies { #expect(reply.contains(#""code":-32003"#)) }
            #expect(server.core.metrics.text.contains(#"closed_total{reason="rate_limited"} 1"#))
        }
    }

    @Test("Who spends a little too much is not listened to for a while, others are")
    func pause() async throws {
        let gate = Gate()
        gate.open()
        let limits = Self.poor(burst: 1, pause: .seconds(3600))
        try await TestServer.with(Self.table(gate), limits: limits, exempt: [], now: { 0 }) { server in
            var client = try await Client(port: server.port)
            let batch = (0..<100).map { Self.call($0).dropLast() }.joined(separator: ",")
            try await client.send("[\(batch)]\n" + Self.call(3, "system.ping"))
            #expect(await client.receive()?.components(of: #""result""#) == 100)
            #expect(server.core.metrics.ratePauses.value > 0)
            var other = try await Client(port: server.port)
            try await other.send(Self.call(4, "system.ping"))
            #expect(await other.receive()?.contains(#""id":4,"#) == true)
            #expect(server.core.metrics.text.contains(#"{method="system.ping",outcome="ok"} 1"#))
        }
    }

    @Test("Connections of an address and of a network are counted, and freed at their end")
    func connectionCaps() async throws {
        var limits = ServiceLimits()
        limits.connectionsPerAddress = 1
        limits.connectionsPerNetwork = 2
        try await TestServer.with(limits: limits, exempt: []) { server in
            func reply(from address: String) async throws -> (client: Client, text: String?) {
                var client = try await Client(port: server.port, from: address)
                try? await client.send(Self.call(1, "system.ping"))
                return (client, await client.receive())
            }
            let first = try await reply(from: "127.0.0.1")
            #expect(first.text?.contains(#""result""#) == true)
            let second = try await reply(from: "127.0.0.1")
            #expect(second.text?.contains(#""code":-32009,"message":"too many connections from your address""#) == true)
            #expect(try await reply(from: "127.0.0.2").text?.contains(#""result""#) == true)
            #expect(try await reply(from: "127.0.0.3").text?.contains("from your network") == true)
            #expect(try await reply(from: "127.0.1.1").text?.contains(#""result""#) == true)
            try await first.client.close()
            // The server learns of it some time after that.
            while try await reply(from: "127.0.0.1").text?.contains(#""result""#) != true {
                try Task.checkCancellation()
            }
        }
    }

    @Test("Above the limit the listener stops accepting, and goes on when there is room")
    func acceptThrottle() async throws {
        var limits = ServiceLimits()
        limits.connections = 1
        limits.linger = .seconds(3600)
        try await TestServer.with(limits: limits) { server in
            var first = try await Client(port: server.port)
            #expect(try await first.ask(SocketTests.ping(id: "1")) != nil)
            var others = (0..<60).compactMap { _ in DeafSocket(port: server.port) }
            #expect(others.count == 60)
            while server.core.metrics.acceptPauses.value == 0 { try await letOthersRun() }
            #expect(server.core.metrics.connectionsOpen.value < 60)
            #expect(try await first.ask(SocketTests.ping(id: "2")) != nil)
            try await first.close()
            others = []
            var reply: String?
            while reply?.contains(#""result""#) != true {
                try await letOthersRun()
                var last = try await Client(port: server.port)
                reply = try? await last.ask(SocketTests.ping(id: "3"))
            }
        }
    }

    @Test("Before a login fewer calls run at once")
    func anonymousInFlight() async throws {
        let gate = Gate()
        var limits = ServiceLimits()
        limits.callsInFlightAnonymous = 3
        try await TestServer.with(Self.table(gate), limits: limits) { server in
            var client = try await Client(port: server.port)
            try await client.send((0..<10).map { Self.call($0) }.joined())
            try await gate.awaitEntries(3)
            gate.open()
            for _ in 0..<10 { #expect(await client.receive()?.contains(#""result""#) == true) }
            #expect(gate.most == 3)
        }
    }

    @Test("All connections together run no more than the line lets, and the rest is counted as waiting")
    func line() async throws {
        let gate = Gate()
        var limits = ServiceLimits()
        limits.runningCost = 2
        limits.lineWait = .seconds(3600)
        try await TestServer.with(Self.table(gate), limits: limits) { server in
            var clients: [Client] = []
            for _ in 0..<3 { clients.append(try await Client(port: server.port)) }
            for client in clients { try await client.send((0..<4).map { Self.call($0) }.joined()) }
            try await gate.awaitEntries(2)
            while server.core.metrics.callsWaiting.value < 10 { try await letOthersRun() }
            #expect(server.core.metrics.text.contains("amenity_rpc_waiting 10\n"))
            // What waits for no database is answered meanwhile.
            try await clients[0].send(Self.call(9, "system.ping"))
            #expect(await clients[0].receive()?.contains(#""id":9,"#) == true)
            gate.open()
            for index in clients.indices {
                for _ in 0..<4 { #expect(await clients[index].receive()?.contains(#""result""#) == true) }
            }
            #expect(gate.most == 2)
        }
    }

    @Test("A call that waits for too long is told that there are too many")
    func overloaded() async throws {
        let gate = Gate()
        var limits = ServiceLimits()
        limits.runningCost = 1
        limits.lineWait = .milliseconds(1)
        try await TestServer.with(Self.table(gate), limits: limits) { server in
            var client = try await Client(port: server.port)
            try await client.send(Self.call(1))
            try await gate.awaitEntries(1)
            try await client.send(Self.call(2))
            let refusal = try #require(await client.receive())
            #expect(refusal.hasPrefix(#"{"jsonrpc":"2.0","id":2,"error":{"code":-32004,"#), "\(refusal)")
            #expect(refusal.contains(#""retry_after_ms":1000"#))
            #expect(server.core.metrics.callsShed.value == 1)
            // Its own deadline is another matter.
            let hasty = #"{"jsonrpc":"2.0","id":3,"method":"test.read","params":{"_meta":{"deadline_ms":1}}}"# + "\n"
            try await client.send(hasty)
            #expect(await client.receive()?.hasPrefix(#"{"jsonrpc":"2.0","id":3,"error":{"code":-32005,"#) == true)
            gate.open()
            #expect(await client.receive()?.contains(#""id":1,"result""#) == true)
        }
    }

    @Test("A pipeline gives way after each turn, and loses nothing by it", arguments: [1, 3, 8])
    func turns(_ frames: Int) async throws {
        var limits = ServiceLimits()
        limits.framesPerTurn = frames
        try await TestServer.with(limits: limits) { server in
            var client = try await Client(port: server.port)
            try await client.send((0..<1000).map { Self.call($0, "system.ping") }.joined())
            for id in 0..<500 { #expect(await client.receive()?.contains("\"id\":\(id),") == true) }
            try await client.closeOutput()
            for id in 500..<1000 { #expect(await client.receive()?.contains("\"id\":\(id),") == true) }
            #expect(await client.receive() == nil)
        }
    }

    @Test("Who says nothing, stops within a message or has nothing to say is told why and closed")
    func arrivals() async throws {
        let ping = SocketTests.ping(id: "1") + "\n"
        for (path, text, reason) in [
            (\ServiceLimits.firstFrame, "", "slow"), (\ServiceLimits.frameTime, ping + #"{"jsonrpc""#, "slow"),
            (\ServiceLimits.idle, ping, "idle"),
        ] {
            var limits = ServiceLimits()
            limits[keyPath: path] = .milliseconds(20)
            try await TestServer.with(limits: limits) { server in
                var client = try await Client(port: server.port)
                if !text.isEmpty { try await client.send(text) }
                var received = await client.receiveAll()
                let closing = #"{"jsonrpc":"2.0","method":"system.closing","params":{"reason":"\#(reason)"}}"# + "\n"
                #expect(received.popLast() == closing)
                #expect(received.count == (text.isEmpty ? 0 : 1))
                let label = reason == "idle" ? reason : "slow_sender"
                #expect(server.core.metrics.text.contains("closed_total{reason=\"\(label)\"} 1"))
            }
        }
    }

    @Test("Where replies that nobody takes are too many in all, those go that have most, and only those")
    func unsentTotal() async throws {
        var limits = ServiceLimits()
        limits.outboundTotalBytes = 1 << 20
        limits.outboundMaximumBytes = 1 << 30
        limits.outboundHighWaterBytes = 1 << 29
        limits.slowReader = .seconds(3600)
        try await TestServer.with(limits: limits) { server in
            let client = try await Client(port: server.port, reads: false)
            let echo = String(repeating: "e", count: 1 << 17)
            await #expect(throws: (any Error).self) {
                for _ in 0..<800 {
                    try await client.send(SocketTests.ping(id: "1", params: #"["\#(echo)"]"#) + "\n")
                }
            }
            #expect(server.core.metrics.text.contains(#"closed_total{reason="unsent_total"} 1"#))
            while server.core.unsent.total > 0 { try await letOthersRun() }
            var other = try await Client(port: server.port)
            #expect(try await other.ask(SocketTests.ping(id: "2", params: #"["\#(echo)"]"#)) != nil)
        }
    }
}

@Suite("Turns at the database", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct DatabaseTurnTests {
    @Test("Pipelines of dear calls do not keep another's call waiting for all of theirs")
    func victim() async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        var limits = ServiceLimits()
        limits.runningCost = 4
        limits.lineWait = .seconds(3600)
        let order = MethodOrder()
        try await database.withPool(shared: 2) { pool in
            try await TestServer.with(limits: limits, pool: pool, logger: order.logger) { server in
                try await observer.execute("begin; lock table catalog.term, catalog.park in access exclusive mode")
                var floods: [Client] = []
                for _ in 0..<4 {
                    let flood = try await Client(port: server.port)
                    let lines = (0..<8).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"taxonomy.list"}"# + "\n" }
                    try await flood.send(lines.joined())
                    floods.append(flood)
                }
                while server.core.metrics.callsWaiting.value < 31 { try await letOthersRun() }
                var victim = try await Client(port: server.port)
                try await victim.send(#"{"jsonrpc":"2.0","id":1,"method":"parks.list"}"# + "\n")
                while server.core.metrics.callsWaiting.value < 32 { try await letOthersRun() }
                try await observer.execute("rollback")
                #expect(await victim.receive()?.contains(#""result""#) == true)
                for index in floods.indices { for _ in 0..<8 { #expect(await floods[index].receive() != nil) } }
            }
        }
        // One that ran, and one of each connection before it; two event loops may swap neighbours.
        let methods = order.methods.withLock { $0 }
        #expect(methods.count == 33)
        let place = try #require(methods.firstIndex(of: "parks.list"))
        #expect(place < 12, "\(place) of 32 came first")
    }
}

@Suite("A pool that sleepers hold", .needsServer, .database, .timeLimit(.minutes(2)))
struct StarvedPoolTests {
    private static let sleeping = """
        select count(*) from pg_stat_activity where state = 'active' and query like '%pg_sleep(600)%'
            and pid <> pg_backend_pid() and datname = current_database()
        """

    private static func call(_ id: Int, _ method: String) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"# + "\n"
    }

    @Test("keeps no ping waiting; who needs the pool is sent away, and is served when they are gone")
    func sleepers() async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        var limits = ServiceLimits()
        limits.lineWait = .milliseconds(50)
        limits.runningCost = 3
        let table = MethodTable([MethodEntry(local: Ping.self), MethodEntry(remote: SleepInDatabase.self)])
        try await database.withPool(leased: 3) { pool in
            try await TestServer.with(table, limits: limits, pool: pool) { server in
                let sleepers = try await Client(port: server.port)
                try await sleepers.send((0..<3).map { Self.call($0, "test.sleep") }.joined())
                try await observer.wait(for: "(\(Self.sleeping)) = 3")
                var client = try await Client(port: server.port)
                for id in 0..<100 {
                    try await client.send(Self.call(id, "system.ping"))
                    #expect(await client.receive()?.contains("\"id\":\(id),\"result\"") == true)
                }
                try await client.send(Self.call(7, "test.sleep"))
                let refusal = try #require(await client.receive())
                #expect(refusal.contains(#""id":7,"error":{"code":-32004,"#), "\(refusal)")
                #expect(try await observer.value(Self.sleeping) == "3", "all that was answered while they slept")
                try await sleepers.reset()
                try await observer.wait(for: "(\(Self.sleeping)) = 0")
                try await client.send(Self.call(8, "test.sleep"))
                try await observer.wait(for: "(\(Self.sleeping)) = 1")
                try await client.reset()
            }
        }
    }
}

/// A connection whose client does nothing at all: SwiftNIO's would see that the server has closed its half, and close too.
private final class DeafSocket {
    private let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)

    init?(port: Int) {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(port).bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard status == 0 else { return nil }
    }

    deinit { close(descriptor) }
}

/// Keeps the methods of a server's log in their order.
private final class MethodOrder: Sendable {
    let methods = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { [self] _ in Handler(order: self) } }

    private struct Handler: LogHandler {
        let order: MethodOrder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard let method = event.metadata?["method"] else { return }
            order.methods.withLock { $0.append("\(method)") }
        }
    }
}
