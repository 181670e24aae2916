import Access
import Commands
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Over a method that counts how often it runs.
@Suite("Answers from memory", .timeLimit(.minutes(1)))
struct HotAnswerSocketTests {
    /// What a method of these tests does.
    private final class Counted: Sendable {
        let runs = Atomic(0)
        let fails = Atomic(false)
        /// Holds the runs, where there is one.
        let gate: Gate?

        init(gate: Gate? = nil) { self.gate = gate }

        var entry: MethodEntry {
            MethodEntry(
                MethodDescription(name: "test.count", parameters: [.optional("of", .any)]),
                action: .remote(.read, .seconds(60)) { _ in Count(counted: self) },
                keeps: .seconds(3600)
            )
        }
    }

    /// Of all calls that wait for another's answer, as the metrics count them.
    private func shared(_ server: TestServer) async -> Int {
        let lines = await server.core.hot?.text().split(separator: "\n") ?? []
        let line = lines.first { $0.hasPrefix("amenity_hot_answers_shared_total ") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
    }

    private struct Count: RemoteMethod {
        static let name = ""
        static let summary = ""
        static let result: [Parameter] = []
        let counted: Counted

        init(counted: Counted) { self.counted = counted }

        init(_ arguments: Arguments) { preconditionFailure("made by its counter") }

        func run(_ context: CallContext) async throws(CallError) -> Answer {
            let number = counted.runs.add(1, ordering: .relaxed).newValue
            if let gate = counted.gate, await !gate.pass() { throw CallError(.cancelled, "cancelled") }
            guard !counted.fails.load(ordering: .relaxed) else { throw CallError(.notFound, "there is none") }
            return Answer { $0.raw("{\n\"run\":\(number)}") }
        }
    }

    private func withServer(
        _ counted: Counted = Counted(),
        limits: ServiceLimits = ServiceLimits(),
        exempt: [NetworkPrefix] = NetworkPrefix.loopback,
        hot: HotAnswers? = HotAnswers(bytes: 1 << 20),
        _ body: (inout Client, TestServer) async throws -> Void
    ) async throws {
        hot?.trust(hot?.connection ?? 0, until: .max)
        let write = Gate()
        write.open()
        let table = MethodTable([counted.entry, write.method("test.write", .write)])
        // The clock stands, so that nothing spent comes back.
        try await TestServer.with(table, limits: limits, hot: hot, exempt: exempt, now: { 0 }) { server in
            var client = try await Client(port: server.port)
            try await body(&client, server)
        }
    }

    private func call(_ params: String = "{}", id: String = "1", method: String = "test.count") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#
    }

    private func run(_ reply: String?) throws -> Int? {
        try JSONValue(parsing: try #require(reply).utf8)["result"]["run"].int
    }

    @Test("are the same as made anew, apart from the id, the request's id and the time")
    func same() async throws {
        try await withServer { client, _ in
            let made = try await client.ask(call())
            #expect(try await stable(client.ask(call())) == stable(made))
            for id in ["1.50", "\"zwölf\"", "null", "12345678901234567890123456789012345678901234567890"] {
                let reply = try await client.ask(call(id: id))
                #expect(
                    reply?.hasPrefix(#"{"jsonrpc":"2.0","id":\#(id),"result":{ "run":1,"#) == true,
                    "\(reply ?? "")"
                )
            }
            let batch = try await client.ask("[\(call(id: "7")),\(call(id: "8"))]")
            #expect(batch?.components(of: #""run":1"#) == 2)
        }
    }

    @Test("come only where they are switched on, and only while news are heard", arguments: [true, false])
    func off(_ isSwitchedOff: Bool) async throws {
        let hot = isSwitchedOff ? nil : HotAnswers(bytes: 1 << 20)
        try await withServer(hot: hot) { client, _ in
            hot?.lost()
            for number in 1...3 {
                let reply = try await client.ask(call())
                #expect(try run(reply) == number)
            }
        }
    }

    @Test("tell languages and arguments apart, and nothing else")
    func apart() async throws {
        try await withServer { client, _ in
            for (params, number) in [
                (#"{}"#, 1), (#"{"of":1}"#, 2), (#"{"_meta":{"lang":"de"}}"#, 3), (#"{"_meta":{"lang":"de-CH"}}"#, 3),
                (#"{"_meta":{"lang":"xx"}}"#, 1), (#"[1]"#, 2), (#"[]"#, 1),
                (#"{"_meta":{"deadline_ms":1,"request_id":"mine"}}"#, 1),
            ] {
                #expect(try run(await client.ask(call(params))) == number, "\(params)")
            }
            let reply = try await client.ask(call(#"{"_meta":{"request_id":"mine"}}"#))
            #expect(reply?.contains(#""request_id":"mine""#) == true)
        }
    }

    @Test("are made anew after a write of this process, which its caller has to see")
    func ownWrite() async throws {
        try await withServer { client, _ in
            #expect(try run(await client.ask(call())) == 1)
            _ = try await client.ask(call(method: "test.write"))
            #expect(try run(await client.ask(call())) == 2)
            #expect(try run(await client.ask(call())) == 2)
        }
    }

    @Test("are asked for once, however many ask the same at the same time")
    func together() async throws {
        let gate = Gate()
        let counted = Counted(gate: gate)
        try await withServer(counted) { _, server in
            var clients: [Client] = []
            for _ in 0..<10 { clients.append(try await Client(port: server.port)) }
            for client in clients { try await client.send((0..<4).map { call(id: "\($0)") + "\n" }.joined()) }
            try await gate.awaitEntries(1)
            while await shared(server) < 39 { try await letOthersRun() }
            // Whoever asks after news does not get what was asked for before.
            server.core.hot?.forget(.change)
            var late = try await Client(port: server.port)
            try await late.send(call() + "\n")
            try await gate.awaitEntries(1)
            gate.open()
            for index in clients.indices {
                for _ in 0..<4 { #expect(try run(await clients[index].receive()) == 1) }
            }
            #expect(try run(await late.receive()) == 2)
            #expect(counted.runs.load(ordering: .relaxed) == 2)
        }
    }

    @Test("that are waited for and never come are asked for anew, by each who waits")
    func togetherFailed() async throws {
        let gate = Gate()
        let counted = Counted(gate: gate)
        try await withServer(counted) { first, server in
            try await first.send(call(id: #""mine""#) + "\n")
            try await gate.awaitEntries(1)
            var others: [Client] = []
            for _ in 0..<3 { others.append(try await Client(port: server.port)) }
            for other in others { try await other.send(call() + "\n") }
            // Its own deadline is not the other's.
            var hasty = try await Client(port: server.port)
            let refusal = try await hasty.ask(call(#"{"_meta":{"deadline_ms":1}}"#))
            #expect(refusal?.contains(#""code":-32005"#) == true, "\(refusal ?? "")")
            let gone = try await Client(port: server.port)
            try await gone.send(call() + "\n")
            while await shared(server) < 5 { try await letOthersRun() }
            try await gone.reset()
            try await first.reset()
            try await gate.awaitEvent(.cancelled)
            try await gate.awaitEntries(3)
            gate.open()
            for index in others.indices { #expect(try run(await others[index].receive()) ?? 0 > 1) }
            #expect(counted.runs.load(ordering: .relaxed) == 4)
        }
    }

    @Test("never are failures")
    func failures() async throws {
        let counted = Counted()
        try await withServer(counted) { client, _ in
            counted.fails.store(true, ordering: .relaxed)
            for _ in 0..<2 {
                let reply = try await client.ask(call())
                #expect(reply?.contains(#""code":1001"#) == true)
            }
            counted.fails.store(false, ordering: .relaxed)
            #expect(try run(await client.ask(call())) == 3)
        }
    }

    @Test("are not kept when there were news while they were made")
    func overtaken() async throws {
        let gate = Gate()
        try await withServer(Counted(gate: gate)) { client, server in
            try await client.send(call() + "\n")
            try await gate.awaitEntries(1)
            server.core.hot?.forget(.change)
            gate.open()
            #expect(try run(await client.receive()) == 1)
            #expect(try run(await client.ask(call())) == 2)
        }
    }

    @Test("are left out for whoever has them already, and are there for the next")
    func etag() async throws {
        try await withServer { client, _ in
            let first = try JSONValue(parsing: try #require(await client.ask(call())).utf8)["result"]["_meta"]["etag"]
            let known = #"{"_meta":{"if_none_match":"\#(try #require(first.string))"}}"#
            for _ in 0..<2 {
                let reply = try JSONValue(parsing: try #require(await client.ask(call(known))).utf8)["result"]
                #expect(reply["not_modified"] == true && reply["run"].isNull && reply["_meta"]["etag"] == first)
            }
            #expect(try run(await client.ask(call(#"{"_meta":{"if_none_match":"another"}}"#))) == 1)
        }
    }

    @Test("are kept whole also when their first caller had them already")
    func etagFirst() async throws {
        try await withServer { client, server in
            let reply = try JSONValue(parsing: try #require(await client.ask(call())).utf8)["result"]
            server.core.hot?.forget(.change)
            // The next run counts on, so its etag is another; that of the same body is made by hand.
            let next = ETag.text(of: Array(#"{ "run":2}"#.utf8))
            #expect(reply["_meta"]["etag"].string == ETag.text(of: Array(#"{ "run":1}"#.utf8)))
            let known = try await client.ask(call(#"{"_meta":{"if_none_match":"\#(next)"}}"#))
            #expect(known?.contains("not_modified") == true)
            #expect(try run(await client.ask(call())) == 2)
        }
    }

    @Test("cost what all calls cost")
    func costs() async throws {
        var limits = ServiceLimits()
        limits.rateAnonymous = CostRate(perSecond: 1, burst: 5)
        limits.ratePause = .zero
        try await withServer(limits: limits, exempt: []) { client, _ in
            var codes: [Int?] = []
            for _ in 0..<12 {
                codes.append(try JSONValue(parsing: try #require(await client.ask(call())).utf8)["error"]["code"].int)
            }
            #expect(codes.first == .some(nil) && codes.last == -32003)
        }
    }

    @Test("leave a login its turn, and are not for an unknown token")
    func logins() async throws {
        let login = Gate()
        let counted = Counted()
        let hot = HotAnswers(bytes: 1 << 20)
        hot.trust(hot.connection, until: .max)
        let table = MethodTable([counted.entry, login.method("test.login", .session)])
        try await TestServer.with(table, hot: hot) { server in
            var client = try await Client(port: server.port)
            _ = try await client.ask(call())
            try await client.send("[\(call(method: "test.login")),\(call(id: "2"))]\n")
            try await login.awaitEntries(1)
            login.open()
            // From memory it would be the first run's.
            #expect(await client.receive()?.components(of: #""run":2"#) == 1)
            #expect(try run(await client.ask(call())) == 1)
            let token = Token(role: .investor).text
            let reply = try await client.ask(call(#"{"_meta":{"token":"\#(token)"}}"#))
            // There is no database that could know it.
            #expect(reply?.contains(#""code":-32012"#) == true, "\(reply ?? "")")
        }
    }
}
