import Commands
import TestSupport
import Testing

/// What a client may send by mistake or ill will, over a real socket to a real service.
@Suite("A service over a socket", .needsPrograms, .seededDatabase, .timeLimit(.minutes(1)))
struct WireTests {
    private func withConnection(_ body: (WireClient) async throws -> Void) async throws {
        try await withService(on: try TestDatabase.required()) { service in
            try await withClient(service.address) { client in
                try await body(client)
                // Whatever happened before, the connection goes on.
                #expect(try await client.call("system.ping", ["echo": "still here"]).isResult)
            }
        }
    }

    @Test("tells what is wrong with a line that is no request, and goes on")
    func broken() async throws {
        let lines: [(text: String, code: Int)] = [
            (#"{"jsonrpc":"2.0","id":1,"method":"system.ping""#, -32700),
            ("hello?", -32700),
            (#"{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"echo":"\u00"}}"#, -32700),
            ("[]", -32600),
            ("7", -32600),
            (#"{"jsonrpc":"1.0","id":1,"method":"system.ping"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1,"method":"system.ping","params":"echo"}"#, -32600),
            (#"{"jsonrpc":"2.0","id":1,"method":"system.pong"}"#, -32601),
            (#"{"jsonrpc":"2.0","id":1,"method":"amenities.search","params":{"park":7}}"#, -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"amenities.search","params":{"limit":"ten"}}"#, -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"amenities.search","params":{"limit":0}}"#, -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"amenities.search","params":{"near":{"lat":91,"lon":0}}}"#, -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"amenities.search","params":{"parc":"jx-jp"}}"#, -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"requests.submit","params":{}}"#, -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"requests.get","params":{"id":"no uuid"}}"#, -32602),
            (#"{"jsonrpc":"2.0","id":1,"method":"queue.status"}"#, -32001),
        ]
        try await withConnection { client in
            for (index, line) in lines.enumerated() {
                try await client.send(line.text + "\n")
                let reply = try await client.reply(index)
                #expect(reply.code == line.code, "\(line.text): \(reply.json.text)")
                #expect(reply.message?.isEmpty == false)
                if line.code == -32602 { #expect(reply.json["error"]["data"]["path"].string != nil, "\(line.text)") }
            }
        }
    }

    @Test("names the known parks to who asks for another, and the method that was probably meant")
    func hints() async throws {
        try await withConnection { client in
            for method in ["amenities.search", "parks.get", "requests.submit", "reports.gaps"] {
                let params: JSONValue =
                    method == "requests.submit" ? ["park": "jx-jo", "text": "A dentist"] : ["park": "jx-jo"]
                let reply = try await client.call(method, params)
                #expect(reply.code == -32602, "\(reply.json.text)")
                let data = reply.json["error"]["data"]
                #expect(data["known"].elements.contains("jx-jp"), "\(reply.json.text)")
                #expect(data["path"].string == "/params/park")
            }
            let reply = try await client.call("amenities.serch")
            #expect(reply.json["error"]["data"]["hint"].string?.contains("amenities.search") == true)
        }
    }

    @Test("refuses a line of 2 MiB and answers the next one", arguments: [2 << 20, 1 << 20])
    func longLine(_ length: Int) async throws {
        try await withConnection { client in
            let line = String(repeating: "x", count: length)
            let call = #"{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"echo":"\#(line)"}}"#
            try await client.send(call + "\n" + #"{"jsonrpc":"2.0","id":2,"method":"system.ping"}"# + "\n")
            let first = try await client.reply(0)
            #expect(first.code == -32008)
            #expect(first.kind == "frame_too_large")
            #expect(first.json["id"].isNull)
            #expect(try await client.reply(1).json["id"].int == 2)
        }
    }

    @Test("answers everything it was sent before the client closed its half")
    func halfClose() async throws {
        try await withService(on: try TestDatabase.required()) { service in
            try await withClient(service.address) { client in
                for id in 1...120 {
                    let (method, params) =
                        id.isMultiple(of: 3) ? ("amenities.search", #"{"park":"jx-jp"}"#) : ("system.ping", "{}")
                    try await client.send(
                        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"# + "\n"
                    )
                }
                // The last one even without its end of line.
                try await client.send(#"{"jsonrpc":"2.0","id":121,"method":"parks.list"}"#)
                try await client.closeOutput()
                try await client.received.whenOver()
                let replies = try client.received.lines.map { line in try WireClient.Reply(line) }
                #expect(replies.allSatisfy { $0.isResult })
                #expect(Set(replies.compactMap { $0.json["id"].int }) == Set(1...121))
                #expect(replies.count == 121)
            }
            try await service.wait(for: "amenity_connections_open", toBe: 0)
        }
    }

    @Test("answers a batch in the order of its requests, and its notifications not at all")
    func batch() async throws {
        try await withConnection { client in
            try await client.send(
                #"[{"jsonrpc":"2.0","id":"a","method":"amenities.search","params":{"park":"jx-jp","limit":1}},"#
                    + #"{"jsonrpc":"2.0","method":"system.ping"},{"jsonrpc":"2.0","id":"b","method":"system.ping"},"#
                    + #"5,{"jsonrpc":"2.0","id":"c","method":"no.such"},{"jsonrpc":"2.0","id":"d","method":"parks.list"}]"#
                    + "\n"
            )
            let replies = try await client.reply(0).json.elements
            #expect(replies.map { $0["id"] } == ["a", "b", nil, "c", "d"])
            #expect(replies.map { $0["error"]["code"].int } == [nil, nil, -32600, -32601, nil])
            let calls = (0...100).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"system.ping"}"# }
            try await client.send("[" + calls.joined(separator: ",") + "]\n")
            #expect(try await client.reply(1).kind == "batch_too_large")
        }
    }
}
