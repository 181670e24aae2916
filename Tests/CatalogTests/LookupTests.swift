import Catalog
import Foundation
import Postgres
import TestSupport
import Testing

/// Look-ups in the starter catalogue.
@Suite("Looking up the starter catalogue", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct LookupTests {
    private static var soon: Deadline { .after(.seconds(60)) }

    private func withLookup(_ body: (Lookup) async throws -> Void) async throws {
        try await TestDatabase.required().withPool { try await body(Lookup(pool: $0)) }
    }

    private func search(_ search: AmenitySearch, in language: String = "en") async throws -> (items: [Item], page: Page)
    {
        var found: (items: [Item], page: Page)?
        try await withLookup { lookup in found = try await self.search(search, in: language, by: lookup) }
        return try #require(found)
    }

    /// For tests that search more than once: every look-up reads the whole vocabulary before its first search.
    private func search(
        _ search: AmenitySearch,
        in language: String = "en",
        by lookup: Lookup
    ) async throws -> (items: [Item], page: Page) {
        let page = try await lookup.search(search, language: .resolve(language), until: Self.soon)
        return (try JSONDecoder().decode(Items.self, from: Data(page.json.utf8)).items, page)
    }

    private struct Items: Decodable { let items: [Item] }
    private struct Item: Decodable {
        struct Name: Decodable {
            let text: String
            let lang: String
            let origin: String?
        }
        struct Area: Decodable { let region: String }
        let id: String
        let slug: String
        let name: Name
        let name_local: Name?
        let category: String
        let category_label: String
        let area: Area
        let distance_m: Double?
        let park: String?
    }

    private struct Understood: Decodable {
        struct Parts: Decodable {
            let categories: [String]
            let attributes: [String]
            let text: String
        }
        let understood: Parts
    }

    private func understood(_ q: String, in language: String) async throws -> Understood.Parts {
        let page = try await search(AmenitySearch(park: "jx-jp", q: q), in: language).page
        return try JSONDecoder().decode(Understood.self, from: Data(page.json.utf8)).understood
    }

    @Test(
        "one concept is found by its word in every language",
        arguments: [
            ("hospital", "en"), ("医院", "zh-Hans"), ("醫院", "zh-Hant"), ("病院", "ja"), ("Krankenhaus", "de"),
            ("ziekenhuis", "nl"), ("hôpital", "fr"), ("병원", "ko"),
        ]
    )
    func concept(word: String, language: String) async throws {
        #expect(try await understood(word, in: language).categories.first == "health.hospital")
        let items = try await search(AmenitySearch(park: "jx-jp", q: word), in: language).items
        #expect(items.first?.area.region == "330482", "the park's own county comes first")
        #expect(items.allSatisfy { $0.category.hasPrefix("health.hospital") })
    }

    @Test("Zahnarzt, 歯医者 and 치과 mean the same", arguments: [("Zahnarzt", "de"), ("歯医者", "ja"), ("치과", "ko")])
    func dentist(word: String, language: String) async throws {
        #expect(try await understood(word, in: language).categories == ["health.dentist"])
    }

    @Test("labels come in the reader's language, names in it where known, and say which they are in")
    func labels() async throws {
        let items = try await search(AmenitySearch(park: "jx-jp", categories: ["health.hospital"]), in: "ja").items
        let first = try #require(items.first)
        #expect(first.category_label == "病院")
        #expect(first.name.lang == "en", "no Japanese name is known, and English is read before Chinese")
        #expect(first.name_local?.lang == "zh-Hans")
    }

    @Test("a word that means nothing is looked for in names")
    func names() async throws {
        let items = try await search(AmenitySearch(park: "jx-jp", q: "Marriott")).items
        #expect(items.map(\.slug) == ["courtyard-marriott-pinghu"])
    }

    @Test("a place without a known location shows no distance and no pin")
    func unlocated() async throws {
        let items = try await search(AmenitySearch(park: "jx-fr", categories: ["health"])).items
        #expect(!items.isEmpty)
        #expect(items.allSatisfy { $0.distance_m == nil })
    }

    @Test("a point finds what is located near it, with its distance")
    func point() async throws {
        // 1.1 km north of the abbey.
        let near = Coordinate(latitude: 30.793066, longitude: 120.763953, datum: nil)
        let search = AmenitySearch(near: near, radiusMetres: 2000, categories: ["worship.catholic"])
        let items = try await self.search(search).items
        let abbey = try #require(items.first { $0.slug == "jiaxing-vincent-abbey" })
        let distance = try #require(abbey.distance_m)
        #expect(abs(distance - 1109) < 5)
    }

    @Test("an item names the park of its search, else that of its region or the nearest")
    func parkOfItem() async throws {
        try await withLookup { lookup in
            let here = AmenitySearch(park: "jx-de", categories: ["health.hospital"], limit: 100)
            #expect(try await Set(search(here, by: lookup).items.map(\.park)) == ["jx-de"])
            let anywhere = AmenitySearch(categories: ["health.hospital"], limit: 100)
            let items = try await search(anywhere, by: lookup).items
            #expect(items.allSatisfy { $0.park != nil })
            #expect(Set(items.filter { $0.area.region == "330482" }.map(\.park)) == ["jx-jp"])
            #expect(Set(items.filter { $0.area.region == "330424" }.map(\.park)) == ["jx-fr"])
        }
    }

    @Test("pages follow each other without a gap or a repeat", arguments: [1, 7, 10])
    func pages(limit: Int) async throws {
        try await withLookup { lookup in
            let all = try await search(AmenitySearch(park: "jx-de", limit: 100), by: lookup).items.map(\.id)
            var seen: [String] = []
            var cursor: String?
            repeat {
                let next = AmenitySearch(park: "jx-de", limit: limit, cursor: cursor)
                let (items, page) = try await search(next, by: lookup)
                seen += items.map(\.id)
                cursor = page.next
            } while cursor != nil && seen.count <= all.count
            #expect(seen == all)
        }
    }

    @Test("what is no cursor is refused")
    func badCursor() async throws {
        try await withLookup { lookup in
            let next = try await search(AmenitySearch(park: "jx-de", limit: 1), by: lookup).page.next
            let cursor = try #require(next)
            for other in [
                AmenitySearch(park: "jx-de", limit: 1, cursor: "nonsense"),
                AmenitySearch(park: "jx-de", limit: 1, cursor: ""),
                AmenitySearch(park: "jx-de", limit: 1, cursor: "+" + cursor),
                AmenitySearch(
                    park: "jx-de",
                    limit: 1,
                    cursor: cursor.prefix(cursor.count - 36) + String(repeating: "z", count: 36)
                ),
            ] {
                do {
                    _ = try await search(other, by: lookup)
                    Issue.record("a cursor that fits nothing was taken")
                } catch CatalogError.cursorMismatch {
                }
            }
        }
    }

    @Test("an unknown park is refused with the known ones")
    func unknownPark() async throws {
        do {
            _ = try await search(AmenitySearch(park: "atlantis"))
            Issue.record("an unknown park was taken")
        } catch CatalogError.unknownPark(let id, let known) {
            #expect(id == "atlantis")
            #expect(known.contains("jx-de") && known.count == 12)
        }
    }

    @Test(
        "what cannot be right is refused by name",
        arguments: [
            (AmenitySearch(), "park"), (AmenitySearch(park: "jx-de", limit: 0), "limit"),
            (AmenitySearch(park: "jx-de", limit: 101), "limit"),
            (AmenitySearch(park: "jx-de", radiusMetres: -1), "radius_m"),
            (AmenitySearch(park: "jx-de", radiusMetres: .infinity), "radius_m"),
            (AmenitySearch(park: "jx-de", radiusMetres: 0), "radius_m"),
            (AmenitySearch(park: "jx-de", radiusMetres: 10_000_000), "radius_m"),
            (AmenitySearch(park: "jx-de", radiusMetres: .nan), "radius_m"),
            (AmenitySearch(near: Coordinate(latitude: 91, longitude: 0, datum: nil)), "near/lat"),
            (AmenitySearch(near: Coordinate(latitude: 0, longitude: .nan, datum: nil)), "near/lon"),
        ]
    )
    func invalid(search: AmenitySearch, member: String) async throws {
        do {
            _ = try await self.search(search)
            Issue.record("\(member) was taken")
        } catch CatalogError.invalid(let refused, _) {
            #expect(refused == member)
        }
    }

    @Test(
        "SQL and the signs of text search in a string are a string",
        arguments: [
            "'; drop table catalog.amenity; --", "$1", "a' or '1'='1", "\u{202e}x", "{\"a\":1}", "a & !b | (c <-> d):*",
            "'quoted' \\ '", "&&&|||", "=x':*",
        ]
    )
    func injection(q: String) async throws {
        try await withLookup { lookup in
            _ = try await search(AmenitySearch(park: "jx-de", q: q), by: lookup)
            #expect(try await search(AmenitySearch(park: "jx-de"), by: lookup).items.count == 20)
        }
    }

    @Test("signs alone find nothing, and not everything", arguments: ["\\", "%", "🏥🦷", "。", " ", "\u{202e}"])
    func signs(q: String) async throws {
        #expect(try await search(AmenitySearch(park: "jx-de", q: q)).items.isEmpty)
    }

    @Test(
        "one or two characters are answered, and do not bring everything",
        arguments: ["院", "H", "医", "ab", "ㅎ", "歯", "约", "é", "1", "寺院", "ー", "𠮷"]
    )
    func short(q: String) async throws {
        try await withLookup { lookup in
            let found = try await search(AmenitySearch(q: q, count: true, limit: 100), by: lookup)
            let all = try await search(
                AmenitySearch(park: "jx-de", radiusMetres: 1_000_000, count: true, limit: 1),
                by: lookup
            )
            #expect(try #require(found.page.total) < #require(all.page.total))
        }
    }

    @Test("control and bidi characters within words are not seen")
    func invisible() async throws {
        #expect(
            try await understood("\u{202e}hos\u{200b}pi\u{2066}tal\u{0}\u{7}", in: "en").categories == [
                "health.hospital"
            ]
        )
    }

    @Test("10 kB of words are understood by what they begin with")
    func manyWords() async throws {
        let text = String(repeating: "国际学校 ", count: 800)
        #expect(text.utf8.count > 10_000)
        #expect(try await understood(text, in: "zh-Hans").categories.first == "edu.intl")
    }

    @Test("an unknown code is refused with the one that was meant")
    func unknownCode() async throws {
        try await withLookup { lookup in
            for (wanted, refused, meant) in [
                (AmenitySearch(park: "jx-de", categories: ["health", "helth"]), "categories/1", "health"),
                (AmenitySearch(park: "jx-de", categories: ["health.dentits"]), "categories/0", "health.dentist"),
                (AmenitySearch(park: "jx-de", attributes: ["a.lang.xx"]), "attributes/0", "a.lang.de"),
                (AmenitySearch(park: "jx-de", attributes: ["qqqqqqqqqqqqqqqqqqqq"]), "attributes/0", nil),
            ] as [(AmenitySearch, String, String?)] {
                do {
                    _ = try await search(wanted, by: lookup)
                    Issue.record("\(refused) was taken")
                } catch CatalogError.unknownCode(let member, let nearest) {
                    #expect(member == refused)
                    #expect(nearest == meant)
                }
            }
        }
    }

    @Test(
        "a language that is none of the eight is answered in English, and the answer says so",
        arguments: [("xx", "en"), ("pt-BR", "en"), ("zh-TW", "zh-Hant"), ("ja-JP", "ja")]
    )
    func languages(asked: String, answered: String) async throws {
        struct Answer: Decodable { let lang: String }
        let page = try await search(AmenitySearch(park: "jx-de", limit: 1), in: asked).page
        #expect(try JSONDecoder().decode(Answer.self, from: Data(page.json.utf8)).lang == answered)
    }

    @Test("swapped coordinates are said to be swapped")
    func swapped() async throws {
        do {
            _ = try await search(AmenitySearch(near: Coordinate(latitude: 120.75, longitude: 30.75)))
            Issue.record("a latitude of 120 was taken")
        } catch CatalogError.invalid(let member, let expected) {
            #expect(member == "near/lat")
            #expect(expected.contains("swapped"))
        }
    }

    @Test("a word that is chosen beside a category does not widen it")
    func chosenCategory() async throws {
        let items = try await search(AmenitySearch(park: "jx-nl", q: "hospital", categories: ["worship"])).items
        #expect(items.allSatisfy { $0.category.hasPrefix("worship") })
    }

    @Test("a long text of characters that grow when folded is understood by its beginning")
    func growingText() async throws {
        let text = "hospital " + String(repeating: "\u{FDFA}", count: 4000)
        #expect(try await understood(text, in: "en").categories == ["health.hospital"])
        let late = String(repeating: "x ", count: 2000) + "hospital"
        #expect(try await understood(late, in: "en").categories == [])
    }

    @Test("a record tells the source of its facts, by id or by slug")
    func record() async throws {
        try await withLookup { lookup in
            let bySlug = try await lookup.amenity("pinghu-first-people-hospital", language: .english, until: Self.soon)
            struct Record: Decodable {
                struct Source: Decodable { let id: String }
                let id: String
                let sources: [Source]
                let confidence: String
                let as_of: String
                let location_known: Bool
            }
            let record = try JSONDecoder().decode(Record.self, from: Data(bySlug.utf8))
            #expect(record.sources.map(\.id).contains("jiaxing-health-commission-2020"))
            #expect(record.as_of == "2020-01-22")
            #expect(!record.location_known)
            let byID = try await lookup.amenity(record.id.uppercased(), language: .english, until: Self.soon)
            #expect(byID == bySlug)
        }
    }

    @Test("an unknown amenity is not found", arguments: ["", "nowhere", "00000000-0000-0000-0000-000000000000"])
    func unknownAmenity(id: String) async throws {
        try await withLookup { lookup in
            do {
                _ = try await lookup.amenity(id, language: .english, until: Self.soon)
                Issue.record("\(id) was found")
            } catch CatalogError.notFound(let what, _) {
                #expect(what == "amenity")
            }
        }
    }

    @Test("parks are listed with names, county and an honest location")
    func parks() async throws {
        try await withLookup { lookup in
            struct Parks: Decodable {
                struct Park: Decodable {
                    struct Location: Decodable { let precision: String }
                    let id: String
                    let location: Location?
                }
                let items: [Park]
            }
            let all = try await lookup.parks(country: nil, language: .english, until: Self.soon)
            let parks = try JSONDecoder().decode(Parks.self, from: Data(all.utf8)).items
            #expect(Set(["jx-de", "jx-nl", "jx-jp", "jx-fr"]).isSubset(of: parks.map(\.id)))
            #expect(parks.first { $0.id == "jx-jp" }?.location == nil, "nobody knows where, so nothing is said")
            #expect(parks.first { $0.id == "jx-de" }?.location?.precision == "seat")
            let dutch = try await lookup.parks(country: "nl", language: .english, until: Self.soon)
            #expect(try JSONDecoder().decode(Parks.self, from: Data(dutch.utf8)).items.map(\.id) == ["jx-nl"])
        }
    }
}
