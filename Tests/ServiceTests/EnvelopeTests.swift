import NIOCore
import Testing

@testable import Service

@Suite("JSON-RPC 2.0 by the letter")
struct EnvelopeTests {
    /// What is sent, and the id and the code or result that come back; `nil` for silence.
    struct Case: Sendable, CustomTestStringConvertible {
        let request: String
        let id: String?
        let outcome: Outcome

        enum Outcome: Sendable {
            case result
            case error(Int, String)
            case silence
        }

        var testDescription: String { String(request.prefix(100)) }
    }

    @Test("One message", arguments: Self.cases)
    func message(_ row: Case) async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            // The ping behind it shows that the connection goes on, and where silence ends.
            try await client.send(row.request + "\n" + #"{"jsonrpc":"2.0","id":"end","method":"system.ping"}"# + "\n")
            let end = #"{"jsonrpc":"2.0","id":"end","result":{"echo":null"#
            let first = try #require(await client.receive())
            if case .silence = row.outcome {
                #expect(first.hasPrefix(end))
                return
            }
            check(first, row)
            #expect(await client.receive()?.hasPrefix(end) == true)
        }
    }

    private func check(_ reply: String, _ row: Case) {
        switch row.outcome {
        case .silence: Issue.record("no reply was due: \(reply)")
        case .result:
            #expect(reply.hasPrefix(#"{"jsonrpc":"2.0","id":\#(row.id ?? ""),"result":{"#), "\(reply)")
        case .error(let code, let kind):
            let start = #"{"jsonrpc":"2.0","id":\#(row.id ?? "null"),"error":{"code":\#(code),"message":""#
            #expect(reply.hasPrefix(start), "\(reply)")
            #expect(reply.contains(#""data":{"kind":"\#(kind)","retryable":false,"request_id":""#), "\(reply)")
        }
    }

    @Test("The same behind a Content-Length", arguments: Self.cases.filter { !$0.request.allSatisfy(\.isWhitespace) })
    func framed(_ row: Case) async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            for text in [row.request, #"{"jsonrpc":"2.0","id":"end","method":"system.ping"}"#] {
                try await client.send("Content-Length: \(text.utf8.count)\r\n\r\n\(text)")
            }
            try await client.closeOutput()
            var rest = await client.receiveAll().joined()[...]
            var replies: [String] = []
            while !rest.isEmpty {
                let head = try #require(rest.firstRange(of: "\r\n\r\n"))
                let length = try #require(Int(rest[..<head.lowerBound].dropFirst("Content-Length: ".count)))
                replies.append(String(decoding: rest[head.upperBound...].utf8.prefix(length), as: UTF8.self))
                rest = Substring(decoding: rest[head.upperBound...].utf8.dropFirst(length), as: UTF8.self)
            }
            #expect(replies.popLast()?.hasPrefix(#"{"jsonrpc":"2.0","id":"end","result":{"echo":null"#) == true)
            if case .silence = row.outcome {
                #expect(replies == [])
            } else {
                #expect(replies.count == 1)
                check(replies.first ?? "", row)
            }
        }
    }

    @Test("Batches", arguments: Self.batches)
    func batch(_ request: String, _ expected: [String]) async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            try await client.send(request + "\n")
            // A ping would overtake a batch that waits for the database, so it is sent only behind silence.
            if expected.isEmpty {
                try await client.send(#"{"jsonrpc":"2.0","id":"end","method":"system.ping"}"# + "\n")
            }
            var reply = try #require(await client.receive())
            guard !expected.isEmpty else {
                #expect(reply.hasPrefix(#"{"jsonrpc":"2.0","id":"end","#))
                return
            }
            // Each expectation is the beginning of one reply, in order.
            #expect(reply.hasPrefix(expected.count == 1 && !expected[0].hasPrefix("[") ? "{" : "["))
            for part in expected {
                let found = try #require(reply.firstRange(of: part), "\(part) in \(reply)")
                reply = String(reply[found.upperBound...])
            }
            #expect(!reply.contains(#"{"jsonrpc""#))
        }
    }

    @Test("A batch of 101 is refused whole, one of 100 is answered")
    func batchLimit() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            let call = #"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#
            let full = try await client.ask("[" + Array(repeating: call, count: 100).joined(separator: ",") + "]")
            #expect(full?.components(of: #""result""#) == 100)
            let over = try await client.ask("[" + Array(repeating: "1", count: 101).joined(separator: ",") + "]")
            #expect(over?.hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":-32010,"#) == true)
        }
    }

    @Test("A reply ends as its request ended")
    func endings() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            let call = #"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#
            #expect(try await client.ask(call + "\r")?.hasSuffix("}\r\n") == true)
            #expect(try await client.ask("[\(call)]\r")?.hasSuffix("]\r\n") == true)
            #expect(try await client.ask(call)?.hasSuffix("}}}\n") == true)
        }
    }

    @Test("A hundred responses a minute are ignored, one more ends the connection")
    func strayResponses() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            for _ in 0..<100 { try await client.send(#"{"jsonrpc":"2.0","id":1,"result":{}}"# + "\n") }
            #expect(try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#) != nil)
            try await client.send(#"{"jsonrpc":"2.0","id":1,"error":{}}"# + "\n")
            #expect(await client.receive() == nil)
        }
    }

    private static func call(_ members: String) -> String { #"{"jsonrpc":"2.0",\#(members)}"# }

    private static let ping = #""method":"system.ping""#

    private static let cases: [Case] = [
        // Ids come back as the bytes they were.
        Case(request: call(#""id":null,\#(ping)"#), id: "null", outcome: .result),
        Case(request: call(#""id":1.5,\#(ping)"#), id: "1.5", outcome: .result),
        Case(request: call(#""id":1e2,\#(ping)"#), id: "1e2", outcome: .result),
        Case(
            request: call(#""id":1234567890123456789012345678901234567890,\#(ping)"#),
            id: "1234567890123456789012345678901234567890",
            outcome: .result
        ),
        Case(request: call(#""id":"\u0041\/",\#(ping)"#), id: #""\u0041\/""#, outcome: .result),
        Case(
            request: call("\"id\":\"\(String(repeating: "i", count: 1024))\",\(ping)"),
            id: "\"" + String(repeating: "i", count: 1024) + "\"",
            outcome: .result
        ),
        Case(
            request: call("\"id\":\"\(String(repeating: "i", count: 1025))\",\(ping)"),
            id: nil,
            outcome: .error(-32600, "invalid_request")
        ),
        Case(request: call(#""id":true,\#(ping)"#), id: nil, outcome: .error(-32600, "invalid_request")),
        Case(request: call(#""id":{"a":1},\#(ping)"#), id: nil, outcome: .error(-32600, "invalid_request")),
        Case(request: call(#""id":[1],\#(ping)"#), id: nil, outcome: .error(-32600, "invalid_request")),
        // The method.
        Case(request: call(#""id":1,"method":2"#), id: "1", outcome: .error(-32600, "invalid_request")),
        Case(request: call(#""id":1"#), id: "1", outcome: .error(-32600, "invalid_request")),
        Case(request: call(#""method":1,"params":"bar""#), id: nil, outcome: .error(-32600, "invalid_request")),
        Case(request: call(#""id":1,"method":"system.pong""#), id: "1", outcome: .error(-32601, "method_not_found")),
        Case(request: call(#""id":1,"method":"System.ping""#), id: "1", outcome: .error(-32601, "method_not_found")),
        Case(request: call(#""id":1,"\u006dethod":"system\u002eping""#), id: "1", outcome: .result),
        // The version.
        Case(request: #"{"id":1,"method":"system.ping"}"#, id: "1", outcome: .error(-32600, "invalid_request")),
        Case(
            request: #"{"jsonrpc":"1.0","id":1,"method":"system.ping"}"#,
            id: "1",
            outcome: .error(-32600, "invalid_request")
        ),
        Case(
            request: #"{"jsonrpc":2.0,"id":1,"method":"system.ping"}"#,
            id: "1",
            outcome: .error(-32600, "invalid_request")
        ),
        // The params.
        Case(request: call(#""id":1,\#(ping),"params":"bar""#), id: "1", outcome: .error(-32600, "invalid_request")),
        Case(request: call(#""id":1,\#(ping),"params":5"#), id: "1", outcome: .error(-32600, "invalid_request")),
        Case(request: call(#""id":1,\#(ping),"params":null"#), id: "1", outcome: .result),
        Case(request: call(#""id":1,\#(ping),"params":[]"#), id: "1", outcome: .result),
        Case(request: call(#""id":1,\#(ping),"params":["x"]"#), id: "1", outcome: .result),
        Case(request: call(#""id":1,\#(ping),"params":[1,2]"#), id: "1", outcome: .error(-32602, "invalid_params")),
        Case(
            request: call(#""id":1,\#(ping),"params":{"ecko":1}"#),
            id: "1",
            outcome: .error(-32602, "invalid_params")
        ),
        // Other members mean nothing.
        Case(request: call(#""id":1,\#(ping),"trace":"x","meta":{}"#), id: "1", outcome: .result),
        // Members named twice.
        Case(
            request: call(#""id":1,\#(ping),\#(ping)"#),
            id: "1",
            outcome: .error(-32600, "duplicate_member")
        ),
        Case(
            request: call(#""id":1,"id":2,\#(ping)"#),
            id: nil,
            outcome: .error(-32600, "duplicate_member")
        ),
        Case(
            request: call(#""id":1,\#(ping),"params":{"echo":{"a":1,"\u0061":2}}"#),
            id: "1",
            outcome: .error(-32600, "duplicate_member")
        ),
        // Notifications, answers, and what is no request at all.
        Case(request: call(ping), id: nil, outcome: .silence),
        Case(request: call(#""method":"no.such""#), id: nil, outcome: .silence),
        Case(request: call(#"\#(ping),"params":{"ecko":1}"#), id: nil, outcome: .silence),
        Case(request: call(#""id":1,"result":{}"#), id: nil, outcome: .silence),
        Case(request: call(#""id":null,"error":{"code":1,"message":"x"}"#), id: nil, outcome: .silence),
        Case(request: "", id: nil, outcome: .silence),
        Case(request: " \t\r", id: nil, outcome: .silence),
        Case(request: "1", id: nil, outcome: .error(-32600, "invalid_request")),
        Case(request: #""text""#, id: nil, outcome: .error(-32600, "invalid_request")),
        Case(request: "{}", id: nil, outcome: .error(-32600, "invalid_request")),
        Case(request: "{", id: nil, outcome: .error(-32700, "parse_error")),
        Case(
            request: #"{"jsonrpc":"2.0","method":"foobar,"params":"bar","baz]"#,
            id: nil,
            outcome: .error(-32700, "parse_error")
        ),
        Case(request: "[1,]", id: nil, outcome: .error(-32700, "parse_error")),
        Case(request: "[]", id: nil, outcome: .error(-32600, "invalid_request")),
    ]

    private static let batches: [(String, [String])] = [
        ("[1]", [#"[{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#]),
        (
            "[1,[],2]",
            [
                #"[{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#,
                #",{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#,
                #",{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#,
            ]
        ),
        ("[\(call(ping)),\(call(ping))]", []),
        (
            "[\(call(#""id":1,\#(ping)"#)),\(call(ping)),\(call(#""id":2,"method":"parks.list""#)),\(call(#""id":3,\#(ping)"#))]",
            [
                #"[{"jsonrpc":"2.0","id":1,"result":"#, #",{"jsonrpc":"2.0","id":2,"error":{"code":-32012"#,
                #",{"jsonrpc":"2.0","id":3,"result":"#,
            ]
        ),
        (
            "[\(call(#""id":1,\#(ping)"#)),{\"foo\":\"boo\"}]",
            [#"[{"jsonrpc":"2.0","id":1,"result":"#, #",{"jsonrpc":"2.0","id":null,"error":{"code":-32600"#]
        ),
        ("[\(call(#""id":1,\#(ping)"#)),", [#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700"#]),
    ]
}

extension String {
    /// How often the other occurs.
    func components(of other: String) -> Int { ranges(of: other).count }
}
