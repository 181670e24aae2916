import Access
import Catalog
import Commands
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("Cursors", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct CursorTests {
    private func next(_ conversation: inout CallConversation, _ params: String) async throws -> String {
        let page = try await conversation.result("amenities.search", params)
        return try #require(page["_meta"]["next"].string)
    }

    @Test("serve the query that gave them, whatever the size of the page or the form of the params")
    func rightUse() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let all = try await conversation.result("amenities.search", #"{"park":"jx-de","limit":6}"#)["items"]
            let cursor = try await next(&conversation, #"{"park":"jx-de","limit":2}"#)
            for params in [
                #"{"park":"jx-de","limit":4,"cursor":"\#(cursor)"}"#,
                #"{"cursor":"\#(cursor)","radius_m":null,"p\u0061rk":"jx-de","limit":4}"#,
                #"["jx-de",null,null,null,null,null,null,null,null,null,null,null,4,"\#(cursor)"]"#,
            ] {
                let page = try await conversation.result("amenities.search", params)["items"]
                #expect(page.elements.map { $0["id"] } == all.elements.dropFirst(2).map { $0["id"] })
            }
        }
    }

    @Test(
        "serve the next page too where only some pages were counted",
        arguments: [
            "", #","q":"hospital""#, #","categories":["health"]"#, #","sort":"name""#, #","sort":"distance""#,
            #","nationality":"DE""#,
        ]
    )
    func countedAtTimes(_ wishes: String) async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            func page(_ more: String) async throws -> JSONValue {
                try await conversation.result("amenities.search", #"{"park":"jx-de"\#(wishes)\#(more)}"#)
            }
            let all = try await page(#","limit":100"#)["items"].elements
            var seen: [JSONValue] = []
            var cursor = ""
            for number in 0...all.count {
                let isCounted = number.isMultiple(of: 2)
                let counting = isCounted ? #","count":true,"facets":["category"]"# : ""
                let next = try await page(#","limit":5\#(counting)\#(cursor)"#)
                #expect(next["_meta"]["total"].int == (isCounted ? all.count : nil))
                #expect(next["facets"].isNull != isCounted)
                seen += next["items"].elements
                guard let text = next["_meta"]["next"].string else { break }
                cursor = #","cursor":"\#(text)""#
            }
            #expect(seen.map { $0["id"] } == all.map { $0["id"] } && all.count > 5)
        }
    }

    @Test("can't be changed, cut or made up")
    func forging() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let cursor = try await next(&conversation, #"{"park":"jx-de","limit":2}"#)
            var forged = ["", "x", "AQAB", String(repeating: "A", count: 64), cursor + "A", "=" + cursor]
            forged += (1..<cursor.count).map { String(cursor.prefix($0)) }
            forged += cursor.indices.map { index in
                var text = cursor
                text.replaceSubrange(index...index, with: [text[index] == "A" ? "B" : "A"])
                return text
            }
            for text in forged where text != cursor {
                let error = try await conversation.error(
                    "amenities.search",
                    #"{"park":"jx-de","limit":2,"cursor":"\#(text)"}"#
                )
                #expect(error["code"] == -32602 && error["data"]["kind"] == "cursor_mismatch", "\(text)")
                #expect(error["data"]["path"] == "/params/cursor")
            }
            let long = try await conversation.error(
                "amenities.search",
                #"{"park":"jx-de","cursor":"\#(String(repeating: "A", count: 1025))"}"#
            )
            #expect(long["data"]["path"] == "/params/cursor")
        }
    }

    @Test("belong to one method with one set of params")
    func wrongUse() async throws {
        try await TestServer.withDatabase { server, _ in
            let observer = try await TestDatabase.required().observer()
            defer { observer.close() }
            try await observer.execute("select queue.enqueue('cursor', '{}') from generate_series(1, 3)")
            var conversation = try await CallConversation(port: server.port)
            let token = try await TestDatabase.required().token(Grant(role: .admin))
            _ = try await conversation.result("auth.login", #"["\#(token)"]"#)
            let cursor = try await next(&conversation, #"{"park":"jx-de","limit":2}"#)
            let jobs = try await conversation.result("jobs.list", #"{"kind":"cursor","limit":1}"#)
            let other = try #require(jobs["_meta"]["next"].string)
            for (method, params) in [
                ("amenities.search", #"{"park":"jx-jp","limit":2,"cursor":"\#(cursor)"}"#),
                ("amenities.search", #"{"park":"jx-de","limit":2,"categories":["edu"],"cursor":"\#(cursor)"}"#),
                ("amenities.search", #"{"park":"jx-de","radius_m":50000,"limit":2,"cursor":"\#(cursor)"}"#),
                ("amenities.search", #"{"park":"jx-de","open_at":"now","limit":2,"cursor":"\#(cursor)"}"#),
                ("amenities.search", #"{"park":"jx-de","sort":"name","limit":2,"cursor":"\#(cursor)"}"#),
                ("amenities.search", #"{"park":"jx-de","cursor":"\#(cursor)","_meta":{"lang":"de"}}"#),
                ("amenities.search", #"{"park":"jx-de","limit":2,"cursor":"\#(other)"}"#),
                ("jobs.list", #"{"cursor":"\#(cursor)"}"#), ("jobs.list", #"{"cursor":"\#(other)"}"#),
                ("jobs.list", #"{"kind":"cursor","state":"ready","cursor":"\#(other)"}"#),
            ] {
                let error = try await conversation.error(method, params)
                #expect(error["data"]["kind"] == "cursor_mismatch", "\(method) \(params)")
            }
            let page = try await conversation.result("jobs.list", #"{"kind":"cursor","cursor":"\#(other)"}"#)
            #expect(page["items"].elements.count == 2)
        }
    }
}

@Suite("The keys that seal cursors", .needsServer, .timeLimit(.minutes(2)))
struct SealingKeyTests {
    private static let query = CursorSeal.Query(
        method: "m",
        language: .english,
        params: Array(#"{"a":1}"#.utf8)
    )

    private func withSeal(_ body: (Pool, ServerObserver) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool { try await body($0, observer) }
        }
    }

    private func rotate(_ pool: Pool) async throws -> (made: Int, dropped: Int) {
        try await pool.execute(RotateSealingKeys.asUsual, until: .after(.seconds(30)))
    }

    @Test("are in common to all processes, also one made after a process has looked")
    func processes() async throws {
        try await withSeal { pool, observer in
            let (first, second) = (CursorSeal(pool: pool), CursorSeal(pool: pool))
            let soon = Deadline.after(.seconds(30))
            let text = try await first.seal("place", for: Self.query, until: soon)
            #expect(try await second.open(text, for: Self.query, until: soon) == "place")
            try await observer.execute("insert into service.sealing_key (key) values (service.random_key())")
            let third = CursorSeal(pool: pool)
            let newer = try await third.seal("place", for: Self.query, until: soon)
            #expect(newer != text)
            #expect(try await third.open(text, for: Self.query, until: soon) == "place")
        }
    }

    @Test("are replaced when they are old, and open what they sealed until the overlap is over")
    func rotation() async throws {
        try await withSeal { pool, observer in
            let soon = Deadline.after(.seconds(30))
            #expect(try await rotate(pool) == (0, 0))
            let text = try await CursorSeal(pool: pool).seal("place", for: Self.query, until: soon)
            try await observer.execute("update service.sealing_key set created_at = now() - interval '31 days'")
            #expect(try await rotate(pool) == (1, 0))
            #expect(try await CursorSeal(pool: pool).open(text, for: Self.query, until: soon) == "place")
            #expect(try await rotate(pool) == (0, 0))
            try await observer.execute(
                "update service.sealing_key set created_at = created_at - interval '8 days'"
            )
            #expect(try await rotate(pool) == (0, 1))
            #expect(try await CursorSeal(pool: pool).open(text, for: Self.query, until: soon) == nil)
        }
    }

    @Test("seal any text, and no code fits another method, language, params or cursor")
    func codes() async throws {
        try await withSeal { pool, _ in
            let seal = CursorSeal(pool: pool)
            let soon = Deadline.after(.seconds(30))
            for text in ["", "1", "0-bf129a51bfc2cd33-83c05f13", "中文 cursor", String(repeating: "x", count: 500)] {
                let sealed = try await seal.seal(text, for: Self.query, until: soon)
                #expect(sealed.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") })
                #expect(try await seal.open(sealed, for: Self.query, until: soon) == (text.isEmpty ? nil : text))
                for other in [
                    CursorSeal.Query(method: "n", language: .english, params: Self.query.params),
                    CursorSeal.Query(method: "m", language: .english, params: Array(#"{"a":2}"#.utf8)),
                    CursorSeal.Query(method: "m", language: .resolve("de"), params: Self.query.params),
                    CursorSeal.Query(method: "m\0", language: .english, params: Self.query.params),
                ] {
                    #expect(try await seal.open(sealed, for: other, until: soon) == nil)
                }
            }
        }
    }
}
