import Commands
import TestSupport
import Testing

@testable import Service

@Suite("ETags", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct ETagTests {
    private static let slug = "pinghu-second-people-hospital"

    private static func params(lang: String, etag: String? = nil) -> String {
        let known = etag.map { #","if_none_match":"\#($0)""# } ?? ""
        return #"{"id":"\#(slug)","_meta":{"lang":"\#(lang)"\#(known)}}"#
    }

    @Test("A read that still has the etag brings no body, and one that has changed does")
    func changes() async throws {
        try await TestServer.withDatabase { server, _ in
            let observer = try await TestDatabase.required().observer()
            defer { observer.close() }
            var conversation = try await CallConversation(port: server.port)
            let first = try await conversation.result("amenities.get", Self.params(lang: "en"))
            let etag = try #require(first["_meta"]["etag"].string)
            let same = try await conversation.result("amenities.get", Self.params(lang: "en", etag: etag))
            #expect(same["not_modified"] == true && same["id"].isNull)
            #expect(same["_meta"]["etag"].string == etag)
            let german = try await conversation.result("amenities.get", Self.params(lang: "de", etag: etag))
            #expect(german["not_modified"].isNull && german["_meta"]["etag"].string != etag)
            try await observer.execute("update catalog.amenity set notes = 'changed' where slug = '\(Self.slug)'")
            let changed = try await conversation.result("amenities.get", Self.params(lang: "en", etag: etag))
            #expect(changed["notes"] == "changed" && changed["_meta"]["etag"].string != etag)
        }
    }

    @Test("A page keeps its cursor when it has not changed")
    func page() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let page = try await conversation.result("amenities.search", #"{"park":"jx-jp","limit":1}"#)
            let etag = try #require(page["_meta"]["etag"].string)
            let same = try await conversation.result(
                "amenities.search",
                #"{"park":"jx-jp","limit":1,"_meta":{"if_none_match":"\#(etag)"}}"#
            )
            #expect(same["not_modified"] == true && same["items"].isNull)
            #expect(same["_meta"]["next"].string != nil)
        }
    }

    @Test("How many there are stands beside the cursor where it was asked, and is part of what may have changed")
    func total() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let page = try await conversation.result("amenities.search", #"{"park":"jx-jp","limit":1}"#)
            #expect(page["_meta"]["total"].isNull)
            let counted = try await conversation.result("amenities.search", #"{"park":"jx-jp","limit":1,"count":true}"#)
            let total = try #require(counted["_meta"]["total"].double)
            #expect(total > 1 && counted["total"].isNull)
            #expect(page["items"] == counted["items"] && page["_meta"]["etag"] != counted["_meta"]["etag"])
        }
    }

    @Test("Writes have no etag, and are done whatever the caller has")
    func writes() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let result = try await conversation.result(
                "requests.submit",
                #"{"text":"a dentist","_meta":{"if_none_match":"aaaaaaaaaaaaa"}}"#
            )
            #expect(result["_meta"]["etag"].isNull && result["status"] == "received")
        }
    }
}
