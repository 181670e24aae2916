import Access
import Commands
import TestSupport
import Testing

@testable import Service

/// One after the other, since each changes what the others would page through.
@Suite("Pages while things change", .needsServer, .seededDatabase, .serialized, .timeLimit(.minutes(3)))
struct PagingTests {
    /// Adds places around the park, each some hundred metres further away than the one before.
    private static func places(_ name: String, _ numbers: ClosedRange<Int>) -> String {
        """
        with made as (
            insert into catalog.amenity (slug, category, region, location, precision, status, source, confidence)
            select '\(name)-' || n, 'health.dentist', '330400',
                st_setsrid(st_makepoint(120.751 + n * 0.002, 30.752), 4326)::geography, 'point', 'active', source, 'low'
            from (select source from catalog.amenity limit 1) any_source, generate_series(\(numbers.lowerBound),
                \(numbers.upperBound)) n
            returning id, slug
        )
        insert into catalog.amenity_name (amenity, lang, name, kind, origin)
        select id, 'en', substr(md5(slug), 1, 6), 'name', 'curator' from made
        """
    }

    /// Every item of a search, page by page; the closure changes what it likes after each.
    private func pages(
        _ conversation: inout CallConversation,
        _ params: String,
        after page: ([JSONValue]) async throws -> Void = { _ in }
    ) async throws -> [String] {
        var (ids, cursor) = ([String](), "")
        repeat {
            let result = try await conversation.result("amenities.search", "{\(params)\(cursor)}")
            ids += result["items"].elements.compactMap { $0["id"].string }
            cursor = result["_meta"]["next"].string.map { #","cursor":"\#($0)""# } ?? ""
            try await page(result["items"].elements)
            try Task.checkCancellation()
        } while !cursor.isEmpty
        return ids
    }

    @Test(
        "a search shows every place once that was there all the time, though others come and go, also the last one shown",
        arguments: ["relevance", "distance", "name", "freshness"],
        [1, 7]
    )
    func search(_ sort: String, _ limit: Int) async throws {
        try await TestServer.withDatabase { server, _ in
            let observer = try await TestDatabase.required().observer()
            defer { observer.close() }
            let name = "\(sort)-\(limit)"
            try await observer.execute(Self.places("goer-\(name)", 1...12))
            var conversation = try await CallConversation(port: server.port)
            let params = #""park":"jx-de","radius_m":20000,"sort":"\#(sort)","limit":"#
            let before = try await pages(&conversation, params + "100")
            let goers = Set(
                try await observer.execute("select id from catalog.amenity where slug like 'goer-\(name)-%'")
                    .compactMap { $0.first ?? nil }
            )
            #expect(goers.count == 12 && goers.isSubset(of: before))
            let stable = before.filter { !goers.contains($0) }
            var (gone, come) = (0, 0)
            let seen = try await pages(&conversation, params + "\(limit)") { items in
                // Among them is the one on which the cursor stands.
                for item in items {
                    guard let id = item["id"].string, goers.contains(id) else { continue }
                    try await observer.execute("update catalog.amenity set status = 'closed' where id = '\(id)'")
                    gone += 1
                }
                guard come < 20 else { return }
                come += 1
                try await observer.execute(Self.places("comer-\(name)", come...come))
            }
            #expect(gone == 12 && come > 5)
            #expect(Set(seen).count == seen.count, "none is shown twice")
            #expect(seen.filter(Set(stable).contains) == stable, "none is left out, and they stay in order")
        }
    }

    @Test("the list of jobs shows every job once that was there at its beginning")
    func jobs() async throws {
        try await TestServer.withDatabase { server, _ in
            let database = try TestDatabase.required()
            let observer = try await database.observer()
            defer { observer.close() }
            try await observer.execute("select queue.enqueue('a', '{}') from generate_series(1, 20)")
            let token = try await database.token(.init(role: .admin))
            var conversation = try await CallConversation(port: server.port)
            _ = try await conversation.result("auth.login", #"{"token":"\#(token)"}"#)
            let before = try await conversation.result("jobs.list", #"{"limit":100,"kind":"a"}"#)["items"]
            var (ids, cursor) = ([Int](), "")
            repeat {
                let result = try await conversation.result("jobs.list", #"{"limit":3,"kind":"a"\#(cursor)}"#)
                ids += result["items"].elements.compactMap { $0["id"].int }
                cursor = result["_meta"]["next"].string.map { #","cursor":"\#($0)""# } ?? ""
                // The last one shown ends, and another comes.
                try await observer.execute(
                    """
                    delete from queue.live where id = \(ids.last ?? 0);
                    select queue.enqueue('a', '{}')
                    """
                )
            } while !cursor.isEmpty
            #expect(ids == before.elements.compactMap { $0["id"].int } && ids.count == 20)
        }
    }
}
