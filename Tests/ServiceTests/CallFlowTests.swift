import NIOCore
import TestSupport
import Testing

@testable import Service

@Suite("Calls that wait")
struct CallFlowTests {
    private static func call(_ id: Int, _ method: String) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"#
    }

    private static func table(_ gate: Gate) -> MethodTable {
        MethodTable([
            MethodEntry(local: Ping.self), gate.method("test.read"), gate.method("test.write", .write),
            gate.method("test.login", .session),
        ])
    }

    private func id(_ reply: String?) -> String? {
        reply?.split(separator: ",").dropFirst().first.map { String($0.dropFirst(5)) }
    }

    @Test("A quick call passes a slow one")
    func order() async throws {
        let gate = Gate()
        try await TestServer.with(Self.table(gate)) { server in
            var client = try await Client(port: server.port)
            try await client.send(Self.call(1, "test.read") + "\n" + Self.call(2, "system.ping") + "\n")
            #expect(id(await client.receive()) == "2")
            gate.open()
            #expect(id(await client.receive()) == "1")
        }
    }

    @Test("Replies of a batch keep its order, whichever is ready first")
    func batchOrder() async throws {
        let gate = Gate()
        try await TestServer.with(Self.table(gate)) { server in
            var client = try await Client(port: server.port)
            try await client.send("[\(Self.call(3, "test.read")),\(Self.call(4, "system.ping"))]\n")
            try await gate.awaitEntries(1)
            gate.open()
            let batch = await client.receive()
            #expect(batch?.hasPrefix(#"[{"jsonrpc":"2.0","id":3,"#) == true)
            #expect(batch?.contains(#",{"jsonrpc":"2.0","id":4,"#) == true)
        }
    }

    @Test("No more than the cap of calls run, and all are answered")
    func cap() async throws {
        let gate = Gate()
        var limits = ServiceLimits()
        limits.callsInFlight = 4
        try await TestServer.with(Self.table(gate), limits: limits) { server in
            var client = try await Client(port: server.port)
            let batch = "[" + (0..<20).map { Self.call($0, "test.read") }.joined(separator: ",") + "]"
            let lines = (20..<60).map { Self.call($0, "test.read") } + [batch]
            try await client.send(lines.joined(separator: "\n") + "\n")
            try await gate.awaitEntries(4)
            gate.open()
            var singles = Set<String>()
            for _ in 0...40 {
                let reply = await client.receive()
                if reply?.hasPrefix("[") == true {
                    #expect(reply?.components(of: #""result""#) == 20)
                } else {
                    singles.insert(id(reply) ?? "")
                }
            }
            #expect(singles.count == 40)
            #expect(gate.most == 4)
        }
    }

    @Test("What comes behind a login waits for it")
    func login() async throws {
        let gate = Gate()
        try await TestServer.with(Self.table(gate)) { server in
            var client = try await Client(port: server.port)
            let calls = [(1, "test.login"), (2, "system.ping"), (3, "system.ping")].map(Self.call)
            try await client.send(calls.joined(separator: "\n") + "\n")
            try await gate.awaitEntries(1)
            gate.open()
            #expect(id(await client.receive()) == "1")
            #expect(id(await client.receive()) == "2")
            #expect(id(await client.receive()) == "3")
        }
    }

    @Test("A client that vanishes takes its reads with it, never a write")
    func vanishing() async throws {
        let (reads, writes) = (Gate(), Gate())
        let table = MethodTable([reads.method("test.read"), writes.method("test.write", .write)])
        try await TestServer.with(table) { server in
            let client = try await Client(port: server.port)
            try await client.send(Self.call(1, "test.read") + "\n" + Self.call(2, "test.write") + "\n")
            try await reads.awaitEntries(1)
            try await writes.awaitEntries(1)
            try await client.reset()
            try await reads.awaitEvent(.cancelled)
            writes.open()
            // Cancelled, it would have said so before.
            #expect(try await writes.events.next() == .left)
        }
    }

    @Test("After half-close all that was read is answered, an unfinished last line too")
    func halfClose() async throws {
        let gate = Gate()
        try await TestServer.with(Self.table(gate)) { server in
            var client = try await Client(port: server.port)
            try await client.send(Self.call(1, "test.read") + "\n" + Self.call(2, "system.ping"))
            try await client.closeOutput()
            try await gate.awaitEntries(1)
            gate.open()
            let replies = await client.receiveAll()
            #expect(Set(replies.map(id)) == ["1", "2"])
        }
    }

    @Test("A drain answers what was read, refuses what comes, and closes")
    func drain() async throws {
        let gate = Gate()
        let server = try await TestServer(Self.table(gate))
        var client = try await Client(port: server.port)
        try await client.send(Self.call(1, "test.read") + "\n")
        try await gate.awaitEntries(1)
        async let drained: Void = server.listening.drain()
        while !server.core.health.isDraining { await Task.yield() }
        // The notice reaches the connection some time after that: until then pings are answered.
        var refusal: String?
        repeat {
            refusal = try await client.ask(Self.call(2, "system.ping"))
        } while refusal?.contains(#""result""#) == true
        #expect(refusal?.hasPrefix(#"{"jsonrpc":"2.0","id":2,"error":{"code":-32007,"#) == true, "\(refusal ?? "")")
        gate.open()
        #expect(id(await client.receive()) == "1")
        #expect(await client.receive() == nil)
        await drained
        await #expect(throws: (any Error).self) { _ = try await Client(port: server.port) }
    }

    @Test("A drain that takes too long cancels what runs, and says so to the caller")
    func drainCancels() async throws {
        let gate = Gate()
        var limits = ServiceLimits()
        limits.drain = .milliseconds(1)
        let server = try await TestServer(Self.table(gate), limits: limits)
        var client = try await Client(port: server.port)
        try await client.send(Self.call(1, "test.read") + "\n" + Self.call(2, "test.write") + "\n")
        try await gate.awaitEntries(2)
        await server.listening.drain()
        let replies = await client.receiveAll()
        #expect(replies.count == 2)
        for reply in replies { #expect(reply.contains(#""code":-32006"#)) }
    }

    @Test("A client that goes on sending does not hold up a drain")
    func drainUnderFire() async throws {
        var limits = ServiceLimits()
        limits.drain = .seconds(3600)
        limits.drainPatience = .milliseconds(50)
        let server = try await TestServer(limits: limits)
        var client = try await Client(port: server.port)
        #expect(try await client.ask(Self.call(0, "system.ping")) != nil)
        async let drained: Void = server.listening.drain()
        // Ends with the end of the stream, or when sending fails.
        while let reply = try? await client.ask(Self.call(1, "system.ping")) {
            #expect(reply.contains(#""id":1,"#))
        }
        await drained
    }

    @Test("A drain under load answers every request")
    func drainUnderLoad() async throws {
        let gate = Gate()
        let server = try await TestServer(Self.table(gate))
        gate.open()
        let sent = 1000
        var clients: [Client] = []
        for _ in 0..<10 {
            var client = try await Client(port: server.port)
            // Only an answer shows that the server has accepted it: one that waits in the backlog goes with the listener.
            _ = try await client.ask(Self.call(0, "system.ping"))
            clients.append(client)
        }
        for client in clients {
            let lines = (0..<sent / 10).map { Self.call($0, "test.read") + "\n" }
            try await client.send(lines.joined())
        }
        await server.listening.drain()
        var received = 0
        for var client in clients { received += await client.receiveAll().count }
        #expect(received == sent)
    }
}
