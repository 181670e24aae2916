import Access
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("The directory over a socket", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct DirectoryTests {
    private func withServer(_ body: (inout Client, TestDatabase) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        try await database.withServicePool { pool in
            try await TestServer.with(pool: pool) { server in
                var client = try await Client(port: server.port)
                try await body(&client, database)
            }
        }
    }

    private func ask(_ client: inout Client, _ method: String, _ params: String = "{}") async throws -> Reply {
        let line = try #require(
            try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#)
        )
        return try JSONDecoder().decode(Reply.self, from: Data(line.utf8))
    }

    /// What these tests look at in replies.
    private struct Reply: Decodable {
        struct Item: Decodable { let id: String }
        struct Meta: Decodable { let next: String? }
        struct Result: Decodable {
            let _meta: Meta
            let items: [Item]?
            let id: String?
            let secret: String?
            let status: String?
            let text: String?
            let role: String?
        }
        struct Failure: Decodable {
            struct Facts: Decodable {
                let kind: String
                let path: String?
                let known: [String]?
                let hint: String?
            }
            let code: Int
            let message: String
            let data: Facts
        }
        let result: Result?
        let error: Failure?
    }

    @Test("Pages of a search follow each other without a gap, and a cursor serves one search only")
    func paging() async throws {
        try await withServer { client, _ in
            let all = try #require(
                try await ask(&client, "amenities.search", #"{"park":"jx-de","limit":12}"#).result?.items
            )
            var paged: [String] = []
            var cursor = ""
            for _ in 0..<3 {
                let params = #"{"park":"jx-de","limit":4\#(cursor)}"#
                let result = try #require(try await ask(&client, "amenities.search", params).result)
                paged += result.items?.map(\.id) ?? []
                cursor = #","cursor":"\#(try #require(result._meta.next))""#
            }
            #expect(paged == all.map(\.id))
            let other = try await ask(&client, "amenities.search", #"{"park":"jx-jp"\#(cursor)}"#)
            #expect(other.error?.data.kind == "cursor_mismatch")
        }
    }

    @Test("An unknown park is answered with the known ones")
    func unknownPark() async throws {
        try await withServer { client, _ in
            for (method, params) in [
                ("parks.get", #"{"park":"jx-dd"}"#), ("amenities.search", #"{"park":"jx-dd"}"#),
                ("requests.submit", #"{"text":"a dentist","park":"jx-dd"}"#), ("reports.gaps", #"{"park":"jx-dd"}"#),
            ] {
                let error = try #require(try await ask(&client, method, params).error, "\(method)")
                #expect(error.code == -32602)
                #expect(error.data.path == "/params/park")
                #expect(error.data.known?.contains("jx-de") == true)
                #expect(error.data.hint == "did you mean “jx-de”?")
            }
        }
    }

    @Test(
        "A stranger who says who looks is answered, and not refused as one who may not",
        arguments: [
            ("amenities.search", #"{"park":"jx-jp","nationality":"JP"}"#),
            ("amenities.search", #"{"park":"jx-jp","q":"病院","languages":["ja"]}"#),
            ("amenities.search", #"{"park":"jx-de","faiths":["worship.catholic"],"child_ages":[6]}"#),
            (
                "amenities.compare",
                #"{"ids":["pinghu-first-people-hospital","pinghu-second-people-hospital"],"nationality":"JP"}"#
            ),
        ]
    )
    func culture(_ method: String, _ params: String) async throws {
        try await withServer { client, _ in
            let reply = try await ask(&client, method, params)
            #expect(reply.result?.items?.isEmpty == false, "\(reply.error?.message ?? "nothing found")")
        }
    }

    @Test("SQL in a text is text", arguments: ["'; DROP TABLE intake.request; --", "$1 \\ %s {} \u{2028}"])
    func hostileText(_ text: String) async throws {
        try await withServer { client, _ in
            var writer = JSONWriter()
            writer.string(text)
            let params = #"{"text":\#(String(decoding: writer.bytes, as: UTF8.self)),"park":"jx-de"}"#
            let receipt = try #require(try await ask(&client, "requests.submit", params).result)
            #expect(receipt.status == "received")
            let id = try #require(receipt.id)
            let secret = try #require(receipt.secret)
            let request = try await ask(&client, "requests.get", #"{"id":"\#(id)","secret":"\#(secret)"}"#)
            #expect(request.result?.text == text)
            let stranger = try await ask(&client, "requests.get", #"{"id":"\#(id)","secret":"wrong"}"#)
            #expect(stranger.error?.code == 1001)
        }
    }

    @Test("A token opens what it may, and not after it is revoked")
    func tokens() async throws {
        try await withServer { client, database in
            let token = try await database.token(Grant(role: .analyst))
            let admin = try await database.token(Grant(role: .admin))
            #expect(try await ask(&client, "queue.status").error?.code == -32001)
            let login = try await ask(&client, "auth.login", #"{"token":"\#(token)"}"#)
            #expect(login.result?.role == "analyst")
            #expect(try await ask(&client, "queue.status").error == nil)
            #expect(try await database.revoke(1) == 1)
            #expect(try await ask(&client, "queue.status").error?.code == -32001)
            #expect(try await ask(&client, "auth.logout").result?.role == "anonymous")
            let batch =
                #"[{"jsonrpc":"2.0","id":1,"method":"auth.login","params":["\#(admin)"]},"#
                + #"{"jsonrpc":"2.0","id":2,"method":"auth.logout"}]"#
            _ = try await client.ask(batch)
            #expect(
                try await ask(&client, "auth.whoami").result?.role == "anonymous",
                "a logout keeps its turn in a batch"
            )
            let investor = try await database.token(Grant(role: .investor))
            let meta = #"{"_meta":{"token":"\#(investor)"}}"#
            #expect(try await ask(&client, "queue.status", meta).error?.code == -32002)
        }
    }
}
