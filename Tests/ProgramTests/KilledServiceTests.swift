import Commands
import Glibc
import TestSupport
import Testing

@Suite("A service that is killed", .needsPrograms, .timeLimit(.minutes(1)))
struct KilledServiceTests {
    @Test("after the commit of a write and before its reply leaves it done once, as the next one finds out by the key")
    func replay() async throws {
        try await withQueue { database, observer in
            let proxy = try Proxy(to: database.conninfo)
            defer { proxy.close() }
            let params: JSONValue = [
                "text": "A dentist, please", "_meta": ["idempotency_key": "one-of-this-test-alone"],
            ]
            try await withService(on: proxy.database(database)) { service in
                let client = try WireClient(service.address)
                defer { client.close() }
                // The server commits, and the service never hears of it.
                proxy.set(.swallowReplies, after: "COMMIT\u{0}")
                let call: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": "requests.submit", "params": params]
                try await client.send(call.text + "\n")
                try await observer.wait(for: "exists (select from intake.request)")
                service.program.send(SIGKILL)
                #expect(try await service.program.ended() == .signal(SIGKILL))
                #expect(client.received.lines == [])
            }
            try await withService(on: database) { service in
                try await withClient(service.address) { client in
                    let reply = try await client.call("requests.submit", params)
                    #expect(reply.result?["_meta"]["replayed"] == true, "\(reply.json.text)")
                    let kept = try await observer.execute("select id from intake.request")
                    #expect(kept == [[reply.result?["id"].string]])
                    let other = try await client.call(
                        "requests.submit",
                        ["text": "A school", "_meta": params["_meta"]]
                    )
                    #expect(other.kind == "idempotency_mismatch", "\(other.json.text)")
                }
            }
        }
    }
}
