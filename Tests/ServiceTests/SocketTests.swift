import Testing

@testable import Service

@Suite("The service over a socket")
struct SocketTests {
    @Test("A ping is answered with what it carried")
    func ping() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            let reply = try await client.ask(
                #"{"jsonrpc":"2.0","id":1e2,"method":"system.ping","params":{"echo":[1.0,"é"]}}"#
            )
            #expect(
                stable(reply)
                    == #"{"jsonrpc":"2.0","id":1e2,"result":{"echo":[1.0,"é"],"_meta":{"request_id":"*","server_ms":*}}}"#
                    + "\n"
            )
        }
    }
}
