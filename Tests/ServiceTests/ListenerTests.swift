import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Service

@Suite("The service listens", .timeLimit(.minutes(1)))
struct ListenerTests {
    private static let ping = #"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#

    /// Lends a server that listens somewhere else than the tests' servers do.
    private func withServer(
        at address: String = "127.0.0.1:0",
        socket: String? = nil,
        _ body: (Server.Listening) async throws -> Void
    ) async throws {
        let core = try await TestServer().core
        let address = try #require(ListenAddress(address))
        let listening = try await Server(address: address, socket: socket, core: core).listen()
        do {
            try await body(listening)
        } catch {
            await listening.drain()
            throw error
        }
        await listening.drain()
    }

    private func expectAnswer(_ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>) async throws {
        var client = try await Client(connect)
        #expect(try await client.ask(Self.ping)?.contains(#""result""#) == true)
        try await client.close()
    }

    private static var hasIPv6: Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }

    @Test("on IPv6, and on [::] for both families", .enabled(if: hasIPv6, "this machine has no IPv6"))
    func families() async throws {
        try await withServer(at: "[::1]:0") { listening in
            try await expectAnswer { $0.connect(host: "::1", port: listening.port) }
            #expect(listening.address == "[::1]:\(listening.port)")
        }
        try await withServer(at: "[::]:0") { listening in
            try await expectAnswer { $0.connect(host: "::1", port: listening.port) }
            try await expectAnswer { $0.connect(host: "127.0.0.1", port: listening.port) }
        }
    }

    @Test("on a Unix socket that its group may use, takes over one that was left behind, and removes it at the end")
    func unixSocket() async throws {
        let path = "/tmp/amenity-\(UUID().uuidString.prefix(8)).sock"
        // One that nobody listens on any more.
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try SocketAddress(unixDomainSocketPath: path)
        _ = address.withSockAddr { bind(left, $0, socklen_t($1)) }
        close(left)
        try await withServer(socket: path) { listening in
            try await expectAnswer { $0.connect(unixDomainSocketPath: path) }
            try await expectAnswer { $0.connect(host: "127.0.0.1", port: listening.port) }
            var facts = stat()
            #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o660)
            await #expect {
                try await withServer(socket: path) { _ in }
            } throws: { "\($0)".contains("\(path) is in use") }
            try await expectAnswer { $0.connect(unixDomainSocketPath: path) }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("with keep-alive, so that a peer that is gone without a word is found after two minutes")
    func keepAlive() async throws {
        try await TestServer.with { server in
            var client = try await Client(port: server.port)
            _ = try await client.ask(Self.ping)
            let channel = try #require(server.core.registry.channels.first as? any SocketOptionProvider)
            let isOn: CInt = try await channel.unsafeGetSocketOption(level: .socket, name: .so_keepalive).get()
            #expect(isOn == 1)
            func seconds(_ name: CInt) async throws -> CInt {
                try await channel.unsafeGetSocketOption(level: .tcp, name: .init(rawValue: name)).get()
            }
            let (idle, interval) = (try await seconds(TCP_KEEPIDLE), try await seconds(TCP_KEEPINTVL))
            let count = try await seconds(TCP_KEEPCNT)
            #expect(idle + interval * count == 120)
        }
    }
}
