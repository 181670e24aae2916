import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Service

@Suite("Clients that frame their messages otherwise")
struct FramingSocketTests {
    private static let call = SocketTests.ping(id: "1", params: #"{"echo":"}{"}"#)
    private static let reply =
        #"{"jsonrpc":"2.0","id":1,"result":{"echo":"}{","_meta":{"request_id":"*","server_ms":*}}}"#

    /// What comes back for what is sent, up to the end of both streams.
    private func answer(
        _ text: String,
        _ wire: WireOptions = WireOptions(),
        limits: ServiceLimits = ServiceLimits()
    ) async throws -> String {
        var answer = ""
        try await TestServer.with(limits: limits, wire: wire) { server in
            var client = try await Client(port: server.port)
            try await client.send(text)
            // What can't be followed is closed by the server first.
            try? await client.closeOutput()
            answer = await client.receiveAll().joined()
        }
        return stable(answer) ?? ""
    }

    @Test("Content-Length: the reply says the length of its body")
    func contentLength() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            let frame = "Content-Length: \(Self.call.utf8.count)\r\n\r\n" + Self.call
            try await client.send(frame + frame)
            try await client.closeOutput()
            var rest = await client.receiveAll().joined()
            for _ in 0..<2 {
                let head = try #require(rest.firstRange(of: "\r\n\r\n"))
                let length = try #require(Int(rest[..<head.lowerBound].dropFirst("Content-Length: ".count)))
                let body = String(decoding: rest[head.upperBound...].utf8.prefix(length), as: UTF8.self)
                #expect(stable(body) == Self.reply)
                rest = String(decoding: rest[head.upperBound...].utf8.dropFirst(length), as: UTF8.self)
            }
            #expect(rest == "")
        }
    }

    @Test("RFC 7464: RS before and LF behind")
    func jsonSequence() async throws {
        #expect(
            try await answer("\u{1E}\(Self.call)\n\u{1E}\(Self.call)\n") == "\u{1E}\(Self.reply)\n\u{1E}\(Self.reply)\n"
        )
        #expect(try await answer("\u{1E}[\(Self.call),\n\(Self.call)]\n") == "\u{1E}[\(Self.reply),\(Self.reply)]\n")
        #expect(try await answer("\u{1E}{\n").contains(#""code":-32700"#))
    }

    /// Without those whose replies have no last line, or that time decides.
    @Test(
        "Segments of one byte, both ways, change no answer",
        arguments: [
            call + "\n" + call + "\r\n", call, "\u{1E}\(call)\n\u{1E}nonsense\n", "nonsense\n[\(call),\(call)]\n",
            "\u{FEFF}" + call + "\n",
        ]
    )
    func segments(_ text: String) async throws {
        let whole = try await answer(text)
        #expect(whole.contains(#""jsonrpc":"2.0""#))
        try await TestServer.with { server in
            let proxy = try Proxy(to: Conninfo("host=127.0.0.1 port=\(server.port)"))
            defer { proxy.close() }
            proxy.set(.fragment)
            var client = try await Client { $0.connect(unixDomainSocketPath: proxy.socket) }
            try await client.send(text)
            var lines: [String] = []
            for _ in 0..<whole.utf8.count(where: { $0 == UInt8(ascii: "\n") }) {
                lines.append(try #require(await client.receive()))
            }
            #expect(stable(lines.joined()) == whole)
            try await client.close()
        }
    }

    @Test("A value without an end is answered at once, with an empty line behind it")
    func unterminated() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            for _ in 0..<3 {
                try await client.send(Self.call)
                #expect(stable(await client.receive()) == Self.reply + "\n")
                #expect(await client.receive() == "\n")
            }
            try await client.send(Self.call + Self.call)
            for _ in 0..<2 {
                #expect(stable(await client.receive()) == Self.reply + "\n")
                #expect(await client.receive() == "\n")
            }
        }
    }

    @Test("Two values on one line are two messages, and a line with something else behind its value is none")
    func concatenated() async throws {
        #expect(try await answer("\(Self.call) \(Self.call)\n") == "\(Self.reply)\n\n\(Self.reply)\n")
        let broken = try await answer("\(Self.call)}\n\(Self.call)\n").split(separator: "\n")
        #expect(broken.count == 2)
        #expect(broken.first?.contains(#""code":-32700"#) == true)
        #expect(broken.last.map(String.init) == Self.reply)
    }

    @Test("A call over many lines is one call")
    func manyLines() async throws {
        let call =
            "{\n  \"jsonrpc\": \"2.0\",\n  \"id\": 1,\n  \"method\": \"system.ping\",\n  \"params\": {\n \"echo\": \"}{\"\n  }\n}"
        #expect(try await answer(call) == Self.reply + "\n\n")
        #expect(try await answer(call + "\n" + call + "\r\n") == "\(Self.reply)\n\(Self.reply)\r\n")
        let list = call.replacing("\"}{\"", with: "[\r\n 1,\n \"}{\"\n]")
        #expect(try await answer(list) == Self.reply.replacing("\"}{\"", with: "[   1,  \"}{\" ]") + "\n\n")
    }

    @Test("A bracket that nothing follows is a broken line after all", arguments: ["{", "[", " {\r"])
    func loneBracket(_ line: String) async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            #expect(try await client.ask(line)?.contains(#""code":-32700"#) == true)
            #expect(stable(try await client.ask(Self.call)) == Self.reply + "\n")
        }
    }

    @Test("A framing that is fixed is the only one")
    func fixed() async throws {
        let lines = WireOptions(framing: .newline)
        #expect(try await answer("\(Self.call)\(Self.call)\n", lines).contains(#""code":-32700"#))
        let header = "Content-Length: \(Self.call.utf8.count)\n\n\(Self.call)"
        let answers = try await answer(header, lines).split(separator: "\n").map(String.init)
        #expect(answers.count == 2)
        #expect(answers.first?.contains(#""code":-32700"#) == true)
        #expect(answers.last == Self.reply)
        #expect(try await answer(header, WireOptions(framing: .contentLength)).hasSuffix(Self.reply))
        #expect(try await answer(Self.call, WireOptions(framing: .jsonSequence)) == "\u{1E}\(Self.reply)\n")
        #expect(try await answer(Self.call + "\n", WireOptions(framing: .concatenated)) == Self.reply + "\n")
    }

    @Test("A header that can't be read is refused, and the connection ends")
    func badHeader() async throws {
        let answer = try await answer("Content-Length: x\r\n\r\n{}")
        #expect(answer.hasPrefix("Content-Length: "))
        #expect(answer.components(of: #""code":-32700"#) == 1)
        var limits = ServiceLimits()
        limits.frameBytes = 100
        let long = try await self.answer(
            "Content-Length: 101\r\n\r\n" + String(repeating: "x", count: 101),
            limits: limits
        )
        #expect(long.components(of: #""code":-32008"#) == 1)
        #expect(long.contains("the connection ends here"))
    }

    @Test("What was asked before a frame that can't be followed is answered first")
    func brokenBehindCall() async throws {
        let gate = Gate()
        try await TestServer.with(MethodTable([gate.method("test.read")])) { server in
            var client = try await Client(port: server.port)
            let call = #"{"jsonrpc":"2.0","id":7,"method":"test.read"}"#
            try await client.send("Content-Length: \(call.utf8.count)\n\n\(call)nonsense\n")
            try await gate.awaitEntries(1)
            // The refusal is there before the answer, and the connection still is.
            #expect(await client.receive()?.hasPrefix("Content-Length: ") == true)
            gate.open()
            let rest = await client.receiveAll().joined()
            #expect(rest.contains(#""code":-32700"#))
            #expect(rest.contains(#""id":7,"result""#))
            #expect(server.core.metrics.text.contains(#"closed_total{reason="bad_frame"} 1"#))
        }
    }

    @Test("TLS is not answered")
    func tls() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            try await client.send(ByteBuffer(bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
            #expect(await client.receiveAll() == [])
            #expect(server.core.metrics.text.contains(#"closed_total{reason="tls"} 1"#))
        }
    }

    @Test("A line of exactly the limit is taken with either end, one more byte is too much", arguments: ["\n", "\r\n"])
    func exactLine(_ end: String) async throws {
        let limit = ServiceLimits().frameBytesAnonymous
        let empty = SocketTests.ping(id: "1", params: #"[""]"#)
        for surplus in [0, 1] {
            let echo = String(repeating: "e", count: limit - empty.utf8.count + surplus)
            let answer = try await answer(SocketTests.ping(id: "1", params: #"["\#(echo)"]"#) + end)
            #expect(answer.contains(surplus == 0 ? #""result""# : #""code":-32008"#), "\(answer.prefix(200))")
        }
    }

    @Test("JSON-RPC 1.0 is served where that is wished, and answered in its own shape")
    func version1() async throws {
        let compatible = WireOptions(servesVersion1: true)
        let cases: [(String, String)] = [
            (
                #"{"id":1,"method":"system.ping","params":["x"]}"#,
                #"{"error":null,"id":1,"result":{"echo":"x","_meta":"#
            ),
            (#"{"jsonrpc":"1.0","id":"a","method":"system.ping"}"#, #"{"error":null,"id":"a","result":{"echo":null"#),
            (#"{"id":1,"method":"no.such","params":[]}"#, #"{"result":null,"id":1,"error":{"code":-32601,"#),
            (#"{"id":1,"method":"system.ping","params":[1,2]}"#, #"{"result":null,"id":1,"error":{"code":-32602,"#),
            (#"{"id":1,"method":"parks.list","params":[]}"#, #"{"result":null,"id":1,"error":{"code":-32012,"#),
            (#"{"id":1,"method":5}"#, #"{"result":null,"id":1,"error":{"code":-32600,"#),
            (#"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#, #"{"jsonrpc":"2.0","id":1,"result":{"echo":null"#),
            (#"{"jsonrpc":"3.0","id":1,"method":"system.ping"}"#, #"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"#),
            // Notifications of 1.0, which this ping follows.
            (
                #"{"id":null,"method":"system.ping","params":[]}{"id":2,"method":"system.ping"}"#,
                #"{"error":null,"id":2,"#
            ),
            (#"{"method":"system.ping","params":[]}{"id":2,"method":"system.ping"}"#, #"{"error":null,"id":2,"#),
        ]
        for (request, expected) in cases {
            let answer = try await answer(request, compatible)
            #expect(answer.hasPrefix(expected), "\(request): \(answer)")
        }
        #expect(try await answer(cases[0].0).contains(#""code":-32600"#), "off unless wished")
    }
}
