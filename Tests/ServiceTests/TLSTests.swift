import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import Service

@Suite(
    "Encrypted connections",
    .enabled(if: CertificateAuthority.isAvailable, "there is no openssl command to make certificates with"),
    .timeLimit(.minutes(1))
)
struct TLSTests {
    private static let ping = #"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#

    private func identity(_ pair: CertificateAuthority.Pair, clients: CertificateAuthority? = nil) throws -> TLSIdentity
    {
        try TLSIdentity(
            TLSIdentity.Files(
                certificate: pair.certificate,
                key: pair.key,
                clientAuthority: clients?.certificate
            )
        )
    }

    /// Whether a client gets its ping back; else the connection is closed on it.
    private func isServed(_ server: TestServer, _ context: NIOSSLContext) async throws -> Bool {
        var client = try await Client(port: server.securePort, secured: context)
        // A client that is refused may learn of it while it sends.
        try? await client.send(Self.ping + "\n")
        guard let reply = await client.receive() else { return false }
        #expect(reply.contains(#""echo":null"#))
        try? await client.close()
        return true
    }

    @Test("are served beside the plain ones, to whom trusts the certificate's authority")
    func served() async throws {
        try await withAuthority { authority in
            try await withAuthority { stranger in
                let identity = try identity(try await authority.issue("service"))
                try await TestServer.with(identity: identity) { server in
                    #expect(try await isServed(server, try trusting(authority)))
                    #expect(try await !isServed(server, try trusting(stranger)))
                    var plain = try await Client(port: server.port)
                    #expect(try await plain.ask(Self.ping)?.contains("echo") == true)
                    var misled = try await Client(port: server.securePort)
                    try await misled.send(Self.ping + "\n")
                    #expect(await misled.receiveAll().joined().contains("echo") == false)
                }
            }
        }
    }

    @Test("answer all that was sent before the client's end, and a reply of a megabyte")
    func halfClose() async throws {
        var limits = ServiceLimits()
        limits.frameBytesAnonymous = limits.frameBytes
        try await withAuthority { authority in
            let identity = try identity(try await authority.issue("service"))
            try await TestServer.with(limits: limits, identity: identity) { server in
                var client = try await Client(port: server.securePort, secured: try trusting(authority))
                let long = String(repeating: "x", count: 1_000_000)
                try await client.send(
                    #"{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"echo":"\#(long)"}}"# + "\n" + Self.ping
                        + "\n"
                )
                try await client.closeOutput()
                let first = try #require(await client.receive())
                #expect(first.contains(long))
                #expect(await client.receive()?.contains(#""echo":null"#) == true)
            }
        }
    }

    @Test("are refused below TLS 1.2")
    func oldVersions() async throws {
        try await withAuthority { authority in
            let identity = try identity(try await authority.issue("service"))
            try await TestServer.with(identity: identity) { server in
                for (version, isServed) in [(TLSVersion.tlsv11, false), (.tlsv12, true), (.tlsv13, true)] {
                    let context = try trusting(authority) {
                        $0.minimumTLSVersion = .tlsv1
                        $0.maximumTLSVersion = version
                    }
                    #expect(try await self.isServed(server, context) == isServed, "\(version)")
                }
            }
        }
    }

    /// Of each kind of key a suite without authenticated encryption, and one without forward secrecy.
    @Test(
        "are refused with weak suites",
        arguments: [
            (false, NIOTLSCipher.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, false),
            (false, .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, false),
            (false, .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true),
            (false, .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true),
            (true, .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, false), (true, .TLS_RSA_WITH_AES_128_CBC_SHA, false),
            (true, .TLS_RSA_WITH_AES_256_GCM_SHA384, false), (true, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true),
        ]
    )
    func suites(_ isRSA: Bool, _ suite: NIOTLSCipher, _ isServed: Bool) async throws {
        try await withAuthority { authority in
            let pair =
                isRSA ? try await authority.issue("service", key: ["rsa:2048"]) : try await authority.issue("service")
            try await TestServer.with(identity: try identity(pair)) { server in
                let context = try trusting(authority) {
                    $0.maximumTLSVersion = .tlsv12
                    $0.cipherSuiteValues = [suite]
                }
                #expect(try await self.isServed(server, context) == isServed)
            }
        }
    }

    @Test("bear records of one byte, in segments of one byte, of a client that names no server")
    func fragments() async throws {
        try await withAuthority { authority in
            let identity = try identity(try await authority.issue("service"))
            try await TestServer.with(identity: identity) { server in
                let proxy = try Proxy(to: Conninfo("host=127.0.0.1 port=\(server.securePort)"))
                defer { proxy.close() }
                proxy.set(.fragment)
                let context = try trusting(authority) { $0.certificateVerification = .noHostnameVerification }
                var client = try await Client(secured: context, name: nil) {
                    $0.connect(unixDomainSocketPath: proxy.socket)
                }
                for byte in (Self.ping + "\n").utf8 { try await client.send(ByteBuffer(bytes: [byte])) }
                #expect(await client.receive()?.contains(#""echo":null"#) == true)
                try? await client.close()
            }
        }
    }

    @Test("end when a client wants to shake hands again, and nobody else's do")
    func renegotiation() async throws {
        try await withAuthority { authority in
            let identity = try identity(try await authority.issue("service"))
            try await TestServer.with(identity: identity) { server in
                var other = try await Client(port: server.securePort, secured: try trusting(authority))
                let terminal = try PseudoTerminal()
                let client = try authority.startClient(port: server.securePort, ["-tls1_2"], on: terminal)
                terminal.type(Self.ping + "\n")
                // What is typed is shown too, but asks for no echo.
                let answer = try await terminal.screen.first("an answer") { $0.contains(#""echo":null"#) }
                terminal.type("R\n")
                _ = try await terminal.screen.first("the attempt", from: answer.index) { $0.contains("RENEGOTIATING") }
                terminal.type(Self.ping + "\n")
                #expect(try await client.ended(within: .seconds(20)) == .exit(1))
                try await terminal.end()
                #expect(terminal.screen.lines.filter { $0.contains(#""echo":null"#) }.count == 1)
                #expect(try await other.ask(Self.ping) != nil)
            }
        }
    }

    @Test("with an authority for clients are for those alone who show a certificate of it")
    func clients() async throws {
        try await withAuthority { authority in
            try await withAuthority { clients in
                let identity = try identity(try await authority.issue("service"), clients: clients)
                let (known, stranger) = (try await clients.issue("worker"), try await authority.issue("worker"))
                let expired = try await clients.issue("expired", days: -1)
                try await TestServer.with(identity: identity) { server in
                    let served = [
                        try await isServed(server, trusting(authority, showing: known)),
                        try await isServed(server, trusting(authority)),
                        try await isServed(server, trusting(authority, showing: stranger)),
                        try await isServed(server, trusting(authority, showing: expired)),
                    ]
                    #expect(served == [true, false, false, false])
                }
            }
        }
    }

    @Test("show a new certificate once it was read, and those that are open go on; a broken file changes nothing")
    func reload() async throws {
        try await withAuthority { old in
            try await withAuthority { new in
                let (pair, next) = (try await old.issue("service"), try await new.issue("service"))
                let identity = try identity(pair)
                try await TestServer.with(identity: identity) { server in
                    var open = try await Client(port: server.securePort, secured: try trusting(old))
                    #expect(try await open.ask(Self.ping) != nil)
                    try "nonsense".write(toFile: pair.certificate, atomically: true, encoding: .utf8)
                    #expect(throws: SettingError.self) { try identity.reload() }
                    #expect(try await isServed(server, try trusting(old)))
                    for (from, to) in [(next.certificate, pair.certificate), (next.key, pair.key)] {
                        try String(contentsOfFile: from, encoding: .utf8)
                            .write(toFile: to, atomically: true, encoding: .utf8)
                    }
                    try identity.reload()
                    #expect(try await isServed(server, try trusting(new)))
                    #expect(try await !isServed(server, try trusting(old)))
                    #expect(try await open.ask(Self.ping) != nil)
                }
            }
        }
    }

    @Test("need files that are there and fit each other")
    func files() async throws {
        try await withAuthority { authority in
            let (pair, other) = (try await authority.issue("a"), try await authority.issue("b"))
            for (certificate, key, clients, word) in [
                ("/nonexistent.pem", pair.key, nil, "tls-certificate"),
                (pair.certificate, "/nonexistent.key", nil, "tls-key"),
                (pair.certificate, other.key, nil, "tls-key is not the key"),
                (pair.certificate, pair.key, "/nonexistent.pem", "tls-client-ca"),
                (pair.certificate, pair.key, pair.key, "tls-client-ca"),
            ] as [(String, String, String?, String)] {
                let files = TLSIdentity.Files(certificate: certificate, key: key, clientAuthority: clients)
                #expect {
                    _ = try TLSIdentity(files)
                } throws: {
                    "\($0)".contains(word)
                }
            }
        }
    }
}
