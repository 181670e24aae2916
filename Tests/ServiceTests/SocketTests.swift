import NIOCore
import Testing

@testable import Service

@Suite("The service over a socket")
struct SocketTests {
    @Test("A ping is answered with what it carried")
    func ping() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            let reply = try await client.ask(Self.ping(id: "1e2", params: #"{"echo":[1.0,"é"]}"#))
            #expect(
                stable(reply)
                    == #"{"jsonrpc":"2.0","id":1e2,"result":{"echo":[1.0,"é"],"_meta":{"request_id":"*","server_ms":*}}}"#
                    + "\n"
            )
        }
    }

    @Test("The caller's request id comes back, in errors too")
    func requestIDs() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            let meta = #""_meta":{"request_id":"abc-1"}"#
            #expect(
                try await client.ask(Self.ping(id: "1", params: "{\(meta)}"))?.contains(#""request_id":"abc-1""#)
                    == true
            )
            for wrong in [
                Self.ping(id: "1", params: "{\(meta),\"x\":1}"),
                Self.ping(id: "1", params: #"{"_meta":{"deadline_ms":0,"request_id":"abc-1"}}"#),
                #"{"jsonrpc":"2.0","id":1,"method":"sytem.ping","params":{\#(meta)}}"#,
            ] {
                let reply = try await client.ask(wrong)
                #expect(reply?.contains(#""request_id":"abc-1""#) == true, "\(reply ?? "")")
            }
            let long = String(repeating: "a", count: 65)
            let refused = try await client.ask(Self.ping(id: "1", params: #"{"_meta":{"request_id":"\#(long)"}}"#))
            #expect(
                refused?.contains(#""path":"/params/_meta/request_id""#) == true && refused?.contains(long) == false
            )
        }
    }

    @Test(
        "A pointer to what is wrong leads into the params as they were sent, by name or by position",
        arguments: [
            (#""method":"rpc.cancel","params":{"id":true}"#, "/params/id"),
            (#""method":"rpc.cancel","params":[true]"#, "/params/0"),
            (#""method":"rpc.cancel","params":[7,8]"#, "/params/1"),
            (#""method":"subscriptions.close","params":[]"#, "/params/0"),
            (#""method":"amenities.search","params":[null,{"lat":120.75,"lon":30.75}]"#, "/params/1/lat"),
            (#""method":"amenities.search","params":{"near":{"lat":120.75,"lon":30.75}}"#, "/params/near/lat"),
            (#""method":"amenities.search","params":[null,null,null,null,["edu",7]]"#, "/params/4/1"),
            (#""method":"subscriptions.open","params":[["job.finished"]]"#, "/params/0"),
        ]
    )
    func pointers(_ call: String, _ path: String) async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            let reply = try await client.ask(#"{"jsonrpc":"2.0","id":1,\#(call)}"#)
            #expect(reply?.contains(#""path":"\#(path)""#) == true, "\(reply ?? "")")
        }
    }

    @Test("Without a database: what needs none answers, the rest fails at once and says to come again")
    func noDatabase() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            for method in ["system.info", "system.limits", "auth.whoami", "auth.logout"] {
                let reply = try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)"}"#)
                #expect(reply?.hasPrefix(#"{"jsonrpc":"2.0","id":1,"result":{"#) == true, "\(reply ?? "")")
            }
            let health = try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"system.health"}"#)
            #expect(
                health?.contains(
                    #""result":{"live":true,"ready":false,"checks":{"database":{"ok":false,"reason":"the database can't be reached"}"#
                ) == true
            )
            for call in Self.databaseCalls {
                let reply = try await client.ask(#"{"jsonrpc":"2.0","id":1,\#(call)}"#)
                let start = #"{"jsonrpc":"2.0","id":1,"error":{"code":-32012,"#
                #expect(reply?.hasPrefix(start) == true, "\(call): \(reply ?? "")")
                #expect(
                    reply?.contains(#""kind":"database_unavailable","retryable":true,"retry_after_ms":500,"#) == true
                )
            }
        }
    }

    @Test("The queue is for insiders")
    func forbidden() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            for call in [#""method":"queue.status""#, #""method":"jobs.get","params":[1]"#] {
                let reply = try await client.ask(#"{"jsonrpc":"2.0","id":1,\#(call)}"#)
                #expect(reply?.contains(#""code":-32001"#) == true, "\(reply ?? "")")
            }
        }
    }

    @Test("A malformed token is refused, and a login that fails leaves the connection as it was")
    func badToken() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            let login = try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"auth.login","params":["nonsense"]}"#)
            #expect(login?.contains(#""code":-32001"#) == true, "\(login ?? "")")
            let meta = #"{"_meta":{"token":"nonsense"}}"#
            let call = try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"parks.list","params":\#(meta)}"#)
            #expect(call?.contains(#""code":-32001"#) == true, "\(call ?? "")")
            let after = try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"auth.whoami"}"#)
            #expect(after?.contains(#""role":"anonymous""#) == true)
        }
    }

    @Test("A 2 MiB line is answered once and skipped")
    func longLine() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            try await client.send(String(repeating: "x", count: 2 << 20) + "\n")
            try await client.send(Self.ping(id: "7") + "\n")
            let first = await client.receive()
            #expect(first?.hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":-32008,"#) == true)
            #expect(await client.receive()?.hasPrefix(#"{"jsonrpc":"2.0","id":7,"result""#) == true)
        }
    }

    @Test("HTTP is not answered")
    func http() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\n\r\n" + Self.ping(id: "1") + "\n")
            #expect(await client.receiveAll() == [])
        }
    }

    @Test("One connection too many is told so and closed")
    func tooManyConnections() async throws {
        var limits = ServiceLimits()
        limits.connections = 1
        try await TestServer.with(limits: limits) { server in
            var first = try await Client(port: server.port)
            #expect(try await first.ask(Self.ping(id: "1")) != nil)
            var second = try await Client(port: server.port)
            let lines = await second.receiveAll()
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":-32009,"#) == true)
            #expect(try await first.ask(Self.ping(id: "2")) != nil)
        }
    }

    @Test("A reader that takes nothing is cut")
    func slowReader() async throws {
        var limits = ServiceLimits()
        limits.slowReader = .milliseconds(40)
        try await TestServer.with(limits: limits) { server in
            let client = try await Client(port: server.port, reads: false)
            let echo = String(repeating: "e", count: 1 << 17)
            // Far more than the sockets between us hold; the send fails once we are cut.
            await #expect(throws: (any Error).self) {
                for _ in 0..<800 { try await client.send(Self.ping(id: "1", params: #"["\#(echo)"]"#) + "\n") }
            }
            #expect(server.core.metrics.text.contains(#"amenity_connections_closed_total{reason="slow_reader"} 1"#))
        }
    }

    @Test("A port in use is named")
    func portInUse() async throws {
        try await TestServer.with { server in
            let address = try #require(ListenAddress("127.0.0.1:\(server.port)"))
            await #expect {
                _ = try await Server(address: address, core: server.core).listen()
            } throws: {
                "\($0)".hasPrefix("127.0.0.1:\(server.port) is in use")
            }
        }
    }

    @Test(
        "A value is taken from a call as RFC 8259 has it, and comes back; what it has not is refused, and the line goes on"
    )
    func values() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            for text in JSONScannerTests.accepted.map({ $0.filter { !$0.isNewline } }) {
                let reply = try await client.ask(Self.ping(id: "1", params: #"{"echo":\#(text)}"#))
                #expect(reply?.hasPrefix(#"{"jsonrpc":"2.0","id":1,"result":{"echo":"#) == true, "\(text)")
            }
            for (text, _) in JSONScannerTests.refused where !text.contains("\n") {
                let reply = try await client.ask(Self.ping(id: "1", params: #"{"echo":\#(text)}"#))
                #expect(reply?.contains(#""id":null,"error":{"code":-32700,"#) == true, "\(text): \(reply ?? "")")
            }
            #expect(try await client.ask(Self.ping(id: "2"))?.contains(#""result""#) == true)
        }
    }

    static func ping(id: String, params: String = "[]") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"system.ping","params":\#(params)}"#
    }

    private static let databaseCalls = [
        #""method":"parks.list""#, #""method":"parks.get","params":["jx-de"]"#, #""method":"taxonomy.list""#,
        #""method":"amenities.search","params":{"park":"jx-de"}"#,
        #""method":"amenities.get","params":{"id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301"}"#,
        #""method":"requests.submit","params":{"text":"a dentist","park":"jx-de"}"#,
        #""method":"requests.get","params":{"id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","secret":"s"}"#,
        #""method":"feedback.get","params":{"id":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","secret":"s"}"#,
        #""method":"reports.gaps""#,
    ]
}
