import Logging
import NIOCore
import TestSupport
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
            let lines = try await adminAnswer(request, of: server)
            #expect(lines.first?.hasPrefix(status) == true)
            #expect(lines.joined().contains(body), "\(lines)")
        }
    }
}

@Suite("The admin listener of a service with a database", .needsServer, .migratedDatabase, .timeLimit(.minutes(1)))
struct ReadyTests {
    @Test("says with which migration it is ready, and that it isn't once the drain has begun")
    func ready() async throws {
        try await TestServer.withDatabase { server, _ in
            let observer = try await TestDatabase.required().observer()
            defer { observer.close() }
            let last = try #require(try await observer.value("select max(number) from public.amenity_migration"))
            let ready = try await adminAnswer("GET /ready HTTP/1.1\r\n\r\n", of: server)
            #expect(ready.first?.hasPrefix("HTTP/1.1 200 ") == true && ready.last == "ready, migration \(last)\n")
            server.core.health.startDraining()
            let draining = try await adminAnswer("GET /ready HTTP/1.1\r\n\r\n", of: server)
            #expect(draining.first?.hasPrefix("HTTP/1.1 503 ") == true && draining.last == "not ready: shutting down\n")
        }
    }
}

/// The lines that an admin listener beside a server answers to a request.
private func adminAnswer(_ request: String, of server: TestServer) async throws -> [String] {
    let admin = AdminServer(
        address: try #require(ListenAddress("127.0.0.1:0")),
        program: "test",
        health: server.core.health,
        metrics: server.core.metrics,
        logger: server.core.logger
    )
    let channel = try await admin.listen()
    var client = try await Client(port: channel.localAddress?.port ?? 0)
    try await client.send(request)
    let lines = await client.receiveAll()
    try await channel.close()
    return lines
}
