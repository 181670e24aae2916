import Logging
import NIOCore
import Testing

@testable import Service

@Suite("The admin listener")
struct AdminTests {
    @Test(
        "What is asked and what is answered",
        arguments: [
            ("GET /live HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", "live\n"),
            ("GET /version HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK", "test \(ServiceVersion.current)\n"),
            (
                "GET /ready HTTP/1.1\r\n\r\n", "HTTP/1.1 503 Service Unavailable",
                "not ready: the database can't be reached\n"
            ),
            (
                "GET /metrics?x=1 HTTP/1.0\n\n", "HTTP/1.1 200 OK",
                "amenity_rpc_requests_total{method=\"none\",outcome=\"parse_error\"} 1\n"
            ),
            ("GET /other HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found", "there are"),
            ("POST /live HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed", "only GET"),
        ]
    )
    func answers(_ request: String, _ status: String, _ body: String) async throws {
        try await TestServer.with { server in
            var broken = try await Client(port: server.port)
            _ = try await broken.ask("{")
            let address = try #require(ListenAddress("127.0.0.1:0"))
            let admin = AdminServer(
                address: address,
                program: "test",
                health: server.core.health,
                metrics: server.core.metrics,
                logger: server.core.logger
            )
            let channel = try await admin.listen()
            var client = try await Client(port: channel.localAddress?.port ?? 0)
            try await client.send(request)
            let lines = await client.receiveAll()
            #expect(lines.first?.hasPrefix(status) == true)
            #expect(lines.joined().contains(body), "\(lines)")
            try await channel.close()
        }
    }
}
