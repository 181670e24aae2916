import Catalog
import Foundation
import Postgres
import TestSupport
import Testing

/// Completions, comparisons, cards and the feed of changes.
@Suite("Views of amenities", .needsServer, .seededDatabase, .timeLimit(.minutes(10)))
struct AmenityViewTests {
    private static var soon: Deadline { .after(.seconds(300)) }

    private func withLookup(_ body: (Lookup, TestDatabase) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        try await database.withPool { try await body(Lookup(pool: $0), database) }
    }

    private struct Suggestions: Decodable {
        struct Item: Decodable {
            let kind: String
            let text: String
            let code: String?
            let slug: String?
            let origin: String?
        }
        let items: [Item]
    }

    private func suggest(_ lookup: Lookup, _ prefix: String, _ language: String, limit: Int = 10) async throws
        -> [Suggestions.Item]
    {
        let json = try await lookup.suggestions(
            for: prefix,
            park: "jx-jp",
            limit: limit,
            language: .resolve(language),
            until: Self.soon
        )
        return try JSONDecoder().decode(Suggestions.self, from: Data(json.utf8)).items
    }

    @Test("What is typed is completed in any script, told in the reader's language")
    func suggestions() async throws {
        try await withLookup { lookup, _ in
            for (prefix, language, code) in [
                ("zahna", "de", "health.dentist"), ("歯", "ja", "health.dentist"), ("はいし", "ja", nil),
                ("치과", "ko", "health.dentist"),
                ("牙", "zh-Hans", "health.dentist"), ("dent", "fr", "health.dentist"), ("yaji", "en", nil),
                ("インター", "ja", "edu.intl"), ("guojixue", "en", nil), ("hosp", "en", "health.hospital"),
                ("Pingh", "en", "330482"),
            ] as [(String, String, String?)] {
                let items = try await suggest(lookup, prefix, language)
                if let code { #expect(items.contains { $0.code == code }, "\(prefix): \(items.map(\.text))") }
            }
            let first = try await suggest(lookup, "hosp", "ja").first
            #expect(first?.text == "病院", "a concept is told in the reader's language")
            #expect(first?.origin == nil, "a concept is nobody's name")
            let names = try await suggest(lookup, "courty", "en")
            #expect(names.first?.origin == "official")
            #expect(names.first?.slug == "courtyard-marriott-pinghu")
            #expect(try await suggest(lookup, "marrio", "en").contains { $0.slug == "courtyard-marriott-pinghu" })
            #expect(
                try await suggest(lookup, "pinghushidiyi", "en").contains { $0.slug == "pinghu-first-people-hospital" }
            )
            #expect(try await suggest(lookup, "平湖市第一", "ja").contains { $0.slug == "pinghu-first-people-hospital" })
        }
    }

    @Test("No more is suggested than was asked for, and nothing for signs", arguments: [1, 5, 20])
    func limits(limit: Int) async throws {
        try await withLookup { lookup, _ in
            for prefix in ["j", "医", "h", "a", "ho", "🏥", "", "'; drop", "\u{202E}", "%_"] {
                let items = try await suggest(lookup, prefix, "en", limit: limit)
                #expect(items.count <= limit)
                #expect(!items.isEmpty || !["j", "医", "h", "a", "ho"].contains(prefix))
            }
            let ofSigns = try await suggest(lookup, "🏥", "en")
            #expect(ofSigns.isEmpty)
        }
    }

    private struct Comparison: Decodable {
        struct Item: Decodable { let slug: String }
        struct Row: Decodable {
            let field: String
            let label: String
            let values: [String?]
            let differs: Bool
        }
        let items: [Item]
        let rows: [Row]
    }

    @Test("Amenities are compared in the order asked, fact by fact")
    func comparison() async throws {
        try await withLookup { lookup, _ in
            let slugs = ["shulan-hospital-hangzhou", "pinghu-first-people-hospital"]
            let json = try await lookup.comparison(
                of: slugs,
                for: AmenitySearch(park: "jx-jp", nationality: "JP"),
                language: .resolve("de"),
                until: Self.soon
            )
            let comparison = try JSONDecoder().decode(Comparison.self, from: Data(json.utf8))
            #expect(comparison.items.map(\.slug) == slugs)
            let kind = try #require(comparison.rows.first { $0.field == "category" })
            #expect(kind.label == "Art" && kind.values == ["Krankenhaus", "Krankenhaus"] && !kind.differs)
            let japanese = try #require(comparison.rows.first { $0.field == "a.lang.ja" })
            #expect(japanese.values == ["yes", nil] && japanese.differs, "what is not known is not no")
        }
    }

    @Test(
        "What can't be compared is refused by name",
        arguments: [
            [], ["pinghu-first-people-hospital"], ["a", "a"], ["a", "b", "c", "d", "e"],
        ]
    )
    func wrongComparison(ids: [String]) async throws {
        try await withLookup { lookup, _ in
            await #expect(throws: CatalogError.self) {
                _ = try await lookup.comparison(of: ids, for: AmenitySearch(), language: .english, until: Self.soon)
            }
        }
    }

    @Test("A card shows a driver the Chinese name and address, and both datums of a known position")
    func card() async throws {
        try await withLookup { lookup, _ in
            struct Card: Decodable {
                struct Point: Decodable {
                    let lat: Double
                    let lon: Double
                }
                struct Location: Decodable {
                    let wgs84: Point
                    let gcj02: Point
                }
                let hint: String
                let lines: [String]
                let location: Location?
                let vcard: String?
            }
            func card(_ id: String, _ kind: Lookup.CardKind) async throws -> Card {
                let json = try await lookup.card(of: id, kind: kind, language: .resolve("fr"), until: Self.soon)
                return try JSONDecoder().decode(Card.self, from: Data(json.utf8))
            }
            let taxi = try await card("pinghu-first-people-hospital", .taxi)
            #expect(taxi.hint == "À montrer au chauffeur.")
            #expect(taxi.lines.contains("平湖市第一人民医院") && taxi.lines.contains("地址：平湖市当湖街道三港路500号"))
            #expect(taxi.location == nil && taxi.vcard == nil)
            let abbey = try await card("jiaxing-vincent-abbey", .contact)
            let location = try #require(abbey.location)
            let wgs = Coordinate(latitude: location.wgs84.lat, longitude: location.wgs84.lon)
            let gcj = Coordinate(latitude: location.gcj02.lat, longitude: location.gcj02.lon, datum: .gcj02)
            #expect(wgs.metres(to: gcj) < 1)
            #expect(abbey.vcard?.hasPrefix("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:") == true)
            await #expect(throws: CatalogError.self) { _ = try await card("nowhere", .taxi) }
        }
    }

    private struct Changes: Decodable {
        struct Item: Decodable {
            let slug: String
            let kind: String
        }
        let items: [Item]
        let until: String
    }

    @Test("Changes come in order, each amenity once, what is gone as removed, and nothing of open transactions")
    func changes() async throws {
        try await withLookup { lookup, database in
            func changes(since: String?, limit: Int = 1000) async throws -> Changes {
                let json = try await lookup.changes(since: since, limit: limit, until: Self.soon)
                return try JSONDecoder().decode(Changes.self, from: Data(json.utf8))
            }
            let observer = try await database.observer()
            defer { observer.close() }
            // A transaction that is older and still runs holds changes back, in whatever database of the server.
            let areShown = "(select max(xid) from catalog.change) < pg_snapshot_xmin(pg_current_snapshot())"
            try await observer.wait(for: areShown)
            let all = try await changes(since: nil)
            #expect(all.items.count == 89)
            let first = try await changes(since: "", limit: 10)
            #expect(first.items.count == 10)
            let rest = try await changes(since: first.until)
            #expect(first.items.map(\.slug) + rest.items.map(\.slug) == all.items.map(\.slug))
            #expect(try await changes(since: all.until).items.isEmpty)

            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            let other = try await ScriptSession.open(database.configuration)
            defer { other.close() }
            try await other.execute("begin; update catalog.amenity set notes = 'x' where slug = 'jiaxing-mosque'")
            try await session.execute("update catalog.amenity set status = 'closed' where slug = 'lvyang-hotel-pinghu'")
            #expect(try await changes(since: all.until).items.isEmpty, "an earlier transaction still runs")
            try await other.execute("commit")
            try await observer.wait(for: areShown)
            let new = try await changes(since: all.until)
            #expect(new.items.map(\.slug) == ["jiaxing-mosque", "lvyang-hotel-pinghu"])
            #expect(new.items.map(\.kind) == ["changed", "removed"])
        }
    }

    @Test(
        "A place to go on from that is none is refused",
        arguments: ["x", "1", "1.2", "-1.00000000-0000-0000-0000-000000000000"]
    )
    func wrongPlace(since: String) async throws {
        try await withLookup { lookup, _ in
            await #expect(throws: CatalogError.self) {
                _ = try await lookup.changes(since: since, limit: 1, until: Self.soon)
            }
        }
    }
}
