import Access
import Commands
import NIOSSL
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("Who calls, and from where", .needsServer, .migratedDatabase, .timeLimit(.minutes(1)))
struct CredentialTests {
    private static func whoAmI(_ meta: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"auth.whoami","params":{"_meta":\#(meta)}}"#
    }

    private func role(_ client: inout Client, _ meta: String = "{}") async throws -> String? {
        let reply = try JSONValue(parsing: try #require(try await client.ask(Self.whoAmI(meta))).utf8)
        return reply["result"]["role"].string ?? reply["error"]["code"].int.map(String.init)
    }

    @Test("A token bound to a network is none elsewhere, and the audit log says from where it came")
    func networks() async throws {
        try await TestServer.withDatabase { server, _ in
            let database = try TestDatabase.required()
            let network = try #require(NetworkPrefix("127.0.7.0/24"))
            let token = try await database.token(Grant(role: .staff, parks: ["jx-de"], networks: [network]))
            let meta = #"{"token":"\#(token)"}"#
            var inside = try await Client(port: server.port, from: "127.0.7.9")
            var outside = try await Client(port: server.port)
            // Also once it is remembered whose it is.
            for _ in 0..<2 {
                #expect(try await role(&inside, meta) == "staff")
                #expect(try await role(&outside, meta) == "-32001")
            }
            let login = #"{"jsonrpc":"2.0","id":1,"method":"auth.login","params":["\#(token)"]}"#
            #expect(try await outside.ask(login)?.contains(#""code":-32001"#) == true)
            #expect(try await inside.ask(login)?.contains(#""role":"staff""#) == true)
            #expect(try await role(&inside) == "staff")
            let observer = try await database.observer()
            defer { observer.close() }
            let refusals = try await observer.execute(
                "select access.seal(); select distinct object from access.audit where act = 'auth.refused'"
            )
            #expect(refusals.count == 1)
            #expect(refusals.first?.first??.hasSuffix(": used from 127.0.0.1") == true, "\(refusals)")
        }
    }

    @Test("A long message is taken after a login, and no more after a logout")
    func longMessages() async throws {
        try await TestServer.withDatabase { server, _ in
            let token = try await TestDatabase.required().token(Grant(role: .investor))
            var conversation = try await CallConversation(port: server.port)
            func isTaken() async throws -> Bool {
                let echo = String(repeating: "e", count: 300 << 10)
                let reply = try await conversation.reply("system.ping", #"{"echo":"\#(echo)"}"#)
                if reply["error"].isNull { return reply["result"]["echo"].string == echo }
                #expect(reply["error"]["code"] == -32008 && reply["id"].isNull)
                #expect(reply["error"]["message"] == "a message is longer than 262144 bytes")
                return false
            }
            #expect(try await !isTaken())
            _ = try await conversation.result("auth.login", #"{"token":"\#(token)"}"#)
            #expect(try await isTaken())
            _ = try await conversation.result("auth.logout")
            #expect(try await !isTaken())
        }
    }

    @Test(
        "A client certificate speaks for the token that names it, until that ends",
        .enabled(if: CertificateAuthority.isAvailable, "there is no openssl command to make certificates with")
    )
    func certificates() async throws {
        try await withAuthority { authority in
            let service = try await authority.issue("service")
            let files = TLSIdentity.Files(
                certificate: service.certificate,
                key: service.key,
                clientAuthority: authority.certificate
            )
            let database = try TestDatabase.required()
            let given = try await database.withPool { pool in
                try await Tokens(pool: pool).create(
                    Grant(role: .analyst),
                    name: "desk",
                    certificate: "URI:amenity:desk",
                    life: 3600,
                    until: .after(.seconds(30))
                )
            }
            let known = try await authority.issue("known", names: "DNS:localhost,URI:amenity:desk")
            // The common name is nobody's.
            let unknown = try await authority.issue("URI:amenity:desk", names: "DNS:localhost")
            try await database.withServicePool { pool in
                try await TestServer.with(identity: try TLSIdentity(files), pool: pool) { server in
                    func client(_ pair: CertificateAuthority.Pair) async throws -> Client {
                        try await Client(port: server.securePort, secured: try trusting(authority, showing: pair))
                    }
                    var stranger = try await client(unknown)
                    #expect(try await role(&stranger) == "anonymous")
                    var desk = try await client(known)
                    for _ in 0..<2 { #expect(try await role(&desk) == "analyst") }
                    let status = #"{"jsonrpc":"2.0","id":1,"method":"queue.status"}"#
                    #expect(try await desk.ask(status)?.contains(#""result""#) == true)
                    #expect(try await stranger.ask(status)?.contains(#""code":-32001"#) == true)
                    let token = try await database.token(Grant(role: .admin))
                    #expect(try await role(&desk, #"{"token":"\#(token)"}"#) == "admin")
                    let logout = #"{"jsonrpc":"2.0","id":1,"method":"auth.logout"}"#
                    #expect(try await desk.ask(logout)?.contains("anonymous") == true)
                    #expect(try await role(&desk) == "anonymous")
                    var again = try await client(known)
                    #expect(try await role(&again) == "analyst")
                    #expect(try await database.revoke(given.id) == 1)
                    // Within a second.
                    while try await role(&again) == "analyst" { try await letOthersRun() }
                    #expect(try await role(&again) == "anonymous")
                }
            }
        }
    }
}

/// A client's side of TLS: whom it trusts, what it shows.
func trusting(
    _ authority: CertificateAuthority,
    showing pair: CertificateAuthority.Pair? = nil,
    configure: (inout TLSConfiguration) -> Void = { _ in }
) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority.certificate))
    if let pair {
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(pair.certificate).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: pair.key, format: .pem))
    }
    configure(&configuration)
    return try NIOSSLContext(configuration: configuration)
}
