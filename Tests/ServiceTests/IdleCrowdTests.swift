import Glibc
import TestSupport
import Testing

@testable import Commands
@testable import Service

/// Many who have said something once and stay.
@Suite("Idle connections", .serialized, .drillLimit)
struct IdleCrowdTests {
    @Test("take little memory each, and none when they have gone")
    func memory() async throws {
        let drill = Drill("S31")
        var limits = ServiceLimits()
        limits.connections = 20_000
        try await TestServer.with(limits: limits) { server in
            // Of the clients only the kernel keeps anything: what the process grows by is the server's.
            var clients: [Int32] = []
            defer { for client in clients { close(client) } }
            for _ in 0..<50 { clients.append(try await join(server)) }
            let start = ResidentMemory.bytes
            let count = Drill.size(200, long: min(10_000, Self.raiseFileLimit() / 2 - 200))
            for _ in 0..<count { clients.append(try await join(server)) }
            let each = (ResidentMemory.bytes - start) / count
            #expect(server.core.metrics.connectionsOpen.value == clients.count)
            // Alone in its process only when it is long.
            if Drill.isLong { #expect(each < 16 << 10) }
            for client in clients { close(client) }
            clients = []
            while server.core.metrics.connectionsOpen.value > 0 { try await letOthersRun() }
            drill.report(["idle connections": count, "bytes each": each])
        }
    }

    /// A client that has had an answer.
    private func join(_ server: TestServer) async throws -> Int32 {
        let client = try Socket.open("127.0.0.1", UInt16(server.port), until: .now + .seconds(20))
        let ping = Array((SocketTests.ping(id: "1") + "\n").utf8)
        try #require(send(client, ping, ping.count, Int32(MSG_NOSIGNAL)) == ping.count)
        var reply = [UInt8](repeating: 0, count: 1024)
        while recv(client, &reply, reply.count, 0) < 0 { try await letOthersRun() }
        return client
    }

    /// How many files this process may have open, which it makes as many as it can.
    private static func raiseFileLimit() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
