import Catalog
import Foundation
import Postgres
import TestSupport
import Testing

/// Searching by words: the ladder, what is counted, pages while rows change, and the words behind it all.
@Suite("Searching", .needsServer, .seededDatabase, .timeLimit(.minutes(10)))
struct SearchTests {
    private static var soon: Deadline { .after(.seconds(300)) }

    struct Answer: Decodable {
        struct Item: Decodable {
            let slug: String
            let category: String
            let distance_m: Double?
        }
        struct Understood: Decodable {
            struct Correction: Decodable { let to: String }
            let categories: [String]
            let place: String?
            let open: String?
            let text: String
            let corrections: [Correction]?
        }
        struct Suggestion: Decodable { let code: String }
        let items: [Item]
        let understood: Understood
        let rung: String
        let suggestions: [Suggestion]?
        let facets: [String: [String: Int]]?
        var slugs: [String] { items.map(\.slug) }
    }

    struct Stage {
        let lookup: Lookup
        let pool: Pool
        let database: TestDatabase

        func search(_ search: AmenitySearch, in language: String = "en") async throws -> (answer: Answer, page: Page) {
            let page = try await lookup.search(search, language: .resolve(language), until: SearchTests.soon)
            return (try JSONDecoder().decode(Answer.self, from: Data(page.json.utf8)), page)
        }

        func ask(_ q: String, in language: String = "en", park: String? = nil) async throws -> Answer {
            try await search(AmenitySearch(park: park, q: q), in: language).answer
        }

        func execute(_ sql: String) async throws {
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            _ = try await session.execute(sql)
        }

        func value(_ sql: String) async throws -> String? {
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            return try await session.execute(sql).first?.first ?? nil
        }
    }

    /// - Parameter isOwn: a database of the test's own, for one that changes it.
    private func withStage(isOwn: Bool = false, _ body: (Stage) async throws -> Void) async throws {
        func perform(on database: TestDatabase) async throws {
            try await database.withPool { pool in
                try await body(Stage(lookup: Lookup(pool: pool), pool: pool, database: database))
            }
        }
        guard isOwn else { return try await perform(on: TestDatabase.required()) }
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            try await perform(on: database)
        }
    }

    @Test("The ladder ends where something is found, and says where")
    func ladder() async throws {
        try await withStage { stage in
            let exact = try await stage.ask("Jiaxing First Hospital")
            #expect(exact.rung == "exact" && exact.slugs.first == "jiaxing-first-hospital")
            #expect(try await stage.ask("嘉興市第一醫院", in: "zh-Hant").slugs.first == "jiaxing-first-hospital")
            let phrase = try await stage.ask("Marriott")
            #expect(phrase.rung == "phrase" && phrase.slugs == ["courtyard-marriott-pinghu"])
            let slip = try await stage.ask("Mariott")
            #expect(slip.rung == "typo" && slip.slugs == ["courtyard-marriott-pinghu"])
            #expect(slip.understood.corrections?.map(\.to) == ["marriott"])
            let partial = try await stage.ask("Marriott zzzzzz")
            #expect(partial.rung == "partial" && partial.slugs.first == "courtyard-marriott-pinghu")
            let wish = try await stage.ask("Korean speaking hospital", park: "jx-jp")
            #expect(wish.rung == "partial", "no hospital is known to have Korean service, and unknown is not no")
            #expect(!wish.items.isEmpty && wish.items.allSatisfy { $0.category == "health.hospital" })
            let none = try await stage.ask("asdfqwer")
            #expect(none.rung == "none" && none.items.isEmpty && none.suggestions?.isEmpty == false)
        }
    }

    @Test(
        "What was understood and is nowhere is no word of a name: a Korean restaurant is no Korean school",
        arguments: [
            ("Korean restaurant", "en"), ("한국 식당", "ko"), ("Japanese dentist", "en"), ("japanischer Friseur", "de"),
        ]
    )
    func nowhere(q: String, language: String) async throws {
        try await withStage { stage in
            let answer = try await stage.ask(q, in: language, park: "jx-jp")
            #expect(!answer.items.contains { $0.category.hasPrefix("edu.") }, "\(answer.slugs)")
            #expect(answer.items.isEmpty == (answer.suggestions?.isEmpty == false))
        }
    }

    @Test("Who looks for the police is shown where else residence is registered, and told that it is something else")
    func police() async throws {
        try await withStage { stage in
            let answer = try await stage.ask("police station")
            #expect(answer.rung == "partial" && answer.understood.categories == ["gov.police"])
            #expect(answer.items.contains { $0.category == "gov.entry_exit" })
        }
    }

    @Test(
        "One name is found in every spelling of it",
        arguments: [
            ("jia xing shi di yi yi yuan", "en"), ("jiaxingshidiyiyiyuan", "en"), ("嘉兴市第一医院", "zh-Hans"),
            ("第一醫院", "zh-Hant"),
            ("JIAXING first", "fr"),
        ]
    )
    func spellings(q: String, language: String) async throws {
        try await withStage { stage in
            let slugs = try await stage.ask(q, in: language, park: "jx-de").slugs
            #expect(slugs.prefix(5).contains("jiaxing-first-hospital"))
        }
    }

    @Test("What lies beyond reach is found by words, the nearest first, and told how far it is")
    func beyond() async throws {
        try await withStage { stage in
            let answer = try await stage.ask("deutsche Schule", in: "de", park: "jx-de")
            #expect(answer.items.first?.category == "edu.german")
            let (narrow, _) = try await stage.search(
                AmenitySearch(park: "jx-de", radiusMetres: 20_000, q: "deutsche Schule"),
                in: "de"
            )
            #expect(narrow.items.isEmpty, "a radius that was chosen holds")
        }
    }

    @Test("A place in the words is where the search begins")
    func place() async throws {
        try await withStage { stage in
            let answer = try await stage.ask("hospital in Haiyan", park: "jx-jp")
            #expect(answer.understood.place == "330424")
            #expect(answer.slugs.prefix(2).allSatisfy { $0.hasPrefix("haiyan") })
            #expect(answer.understood.text.isEmpty)
        }
    }

    @Test("Facets and totals count all pages, and only what was asked")
    func counts() async throws {
        try await withStage { stage in
            let search = AmenitySearch(
                park: "jx-jp",
                q: "hospital",
                facets: [.category, .region],
                count: true,
                limit: 2
            )
            let (answer, page) = try await stage.search(search)
            #expect(answer.items.count == 2)
            let total = try #require(page.total)
            #expect(total > 20)
            #expect(answer.facets?["category"]?.values.reduce(0, +) == total)
            #expect(answer.facets?["region"]?["330482"] == 3)
            #expect(answer.facets?["attribute"] == nil)
            #expect(try await stage.search(AmenitySearch(park: "jx-jp", q: "hospital")).page.total == nil)
        }
    }

    @Test("Pages of every order follow each other without a gap or a repeat", arguments: AmenitySearch.Sort.allCases)
    func orders(sort: AmenitySearch.Sort) async throws {
        try await withStage { stage in
            for q in [nil, "hospital"] {
                func search(limit: Int, cursor: String? = nil) -> AmenitySearch {
                    AmenitySearch(park: "jx-jp", q: q, sort: sort, limit: limit, cursor: cursor)
                }
                let all = try await stage.search(search(limit: 100)).answer.slugs
                var seen: [String] = []
                var cursor: String?
                repeat {
                    let (answer, page) = try await stage.search(search(limit: 7, cursor: cursor))
                    seen += answer.slugs
                    cursor = page.next
                } while cursor != nil && seen.count <= all.count
                #expect(seen == all)
                #expect(Set(all).count == all.count)
            }
        }
    }

    @Test("While rows come and go, pages neither repeat nor lose one that stays")
    func changing() async throws {
        try await withStage(isOwn: true) { stage in
            func search(_ cursor: String?) -> AmenitySearch {
                AmenitySearch(park: "jx-jp", q: "hospital", limit: 5, cursor: cursor)
            }
            let before = try await stage.search(AmenitySearch(park: "jx-jp", q: "hospital", limit: 100)).answer.slugs
            var seen: [String] = []
            var cursor: String?
            var round = 0
            repeat {
                let (answer, page) = try await stage.search(search(cursor))
                seen += answer.slugs
                cursor = page.next
                round += 1
                // One that was seen goes, one that was not yet seen goes, and somebody checks another.
                if round == 1 {
                    try await stage.execute(
                        """
                        update catalog.amenity set status = 'closed' where slug in ('\(before[1])', '\(before[12])');
                        insert into catalog.field_check (amenity, field_group, method, result)
                        select id, 'phone', 'phone', 'confirmed' from catalog.amenity where slug = '\(before[2])'
                        """
                    )
                }
            } while cursor != nil && round < 30
            #expect(seen == before.filter { $0 != before[12] })
        }
    }

    @Test("Only what somebody has confirmed lately, where that is wanted")
    func verified() async throws {
        try await withStage(isOwn: true) { stage in
            try await stage.execute(
                """
                insert into catalog.field_check (amenity, field_group, method, result, checked_at)
                select id, 'existence', 'phone', 'confirmed', now() - interval '20 days'
                from catalog.amenity where slug = 'pinghu-first-people-hospital'
                """
            )
            for q in [nil, "hospital"] {
                func slugs(_ days: Int) async throws -> [String] {
                    try await stage.search(AmenitySearch(park: "jx-jp", q: q, verifiedWithinDays: days)).answer.slugs
                }
                #expect(try await slugs(30) == ["pinghu-first-people-hospital"])
                #expect(try await slugs(10).isEmpty)
            }
        }
    }

    @Test("Whoever searches in a language, or says who they are, sees who speaks it first")
    func culture() async throws {
        try await withStage { stage in
            let japanese = try await stage.search(AmenitySearch(q: "hospital", nationality: "JP")).answer.slugs
            #expect(Set(japanese.prefix(2)) == ["shulan-hospital-hangzhou", "zhejiang-provincial-people-hospital"])
            let own = try await stage.ask("病院", in: "ja").slugs
            #expect(Set(own.prefix(2)) == ["shulan-hospital-hangzhou", "zhejiang-provincial-people-hospital"])
        }
    }

    @Test("What changes is found at once by its facts, and by its words once the job has written them")
    func stale() async throws {
        try await withStage(isOwn: true) { stage in
            #expect(
                try await stage.value("select count(*) from queue.live where kind = 'index'") == "0",
                "a seed needs no job"
            )
            try await stage.execute(
                """
                insert into catalog.amenity (slug, category, region, precision, status, source, confidence)
                select 'new-dentist', 'health.dentist', '330482', 'unknown', 'active', source, 'low'
                from catalog.amenity limit 1;
                insert into catalog.amenity_name (amenity, lang, name, kind, origin)
                select id, 'de', 'Zahnarztpraxis Müller', 'name', 'curator' from catalog.amenity where slug = 'new-dentist'
                """
            )
            #expect(try await stage.value("select count(*) from queue.live where kind = 'index'") == "1")
            #expect(try await stage.ask("Zahnarzt", in: "de").slugs == ["new-dentist"])
            #expect(try await stage.ask("Mueller", in: "de").items.isEmpty)
            #expect(try await SearchIndexer(pool: stage.pool).refresh(until: Self.soon) == 1)
            for q in ["Mueller", "Müller", "muller", "MÜLLER Zahnarztpraxis"] {
                #expect(try await stage.ask(q, in: "de").slugs == ["new-dentist"], "\(q)")
            }
            try await stage.execute("update catalog.amenity set status = 'closed' where slug = 'new-dentist'")
            #expect(try await stage.ask("Mueller", in: "de").items.isEmpty, "what is closed is gone at once")
        }
    }

    @Test("A truncation is a deletion: listings change, and the words are written anew")
    func truncation() async throws {
        try await withStage(isOwn: true) { stage in
            let spoken = "select count(*) from catalog.listing where json_array_length(facts -> 'languages') > 0"
            #expect(try await stage.value(spoken) != "0")
            try await stage.execute("truncate catalog.language_offer")
            #expect(try await stage.value(spoken) == "0")
            #expect(try await stage.ask("Marriott").slugs == ["courtyard-marriott-pinghu"])
            try await stage.execute("truncate catalog.amenity_name")
            #expect(try await stage.value("select count(*) from queue.live where kind = 'index'") == "1")
            _ = try await SearchIndexer(pool: stage.pool).refresh(until: Self.soon)
            let names = "select count(*) from catalog.search_name where name = 'Courtyard by Marriott Pinghu'"
            #expect(try await stage.value(names) == "0")
        }
    }

    @Test("Words of another version of the fold are written anew, and nothing twice")
    func versions() async throws {
        try await withStage(isOwn: true) { stage in
            let indexer = SearchIndexer(pool: stage.pool)
            #expect(try await indexer.refresh(until: Self.soon) == 0)
            try await stage.execute("update catalog.listing set fold_version = 0, words = '', keys = ''")
            #expect(try await stage.ask("Marriott").items.isEmpty)
            let count = try await stage.value("select count(*) from catalog.listing")
            let written = try await indexer.refresh(until: Self.soon)
            #expect("\(written)" == count)
            #expect(try await stage.ask("Marriott").slugs == ["courtyard-marriott-pinghu"])
            #expect(try await indexer.refresh(until: Self.soon) == 0)
        }
    }

    @Test("New words are understood within seconds, without a restart")
    func edition() async throws {
        try await withStage(isOwn: true) { stage in
            #expect(try await stage.ask("flurbl").items.isEmpty)
            try await stage.execute("insert into catalog.synonym values ('health.hospital', 'en', 'flurbl')")
            let fresh = Lookup(pool: stage.pool)
            let page = try await fresh.search(AmenitySearch(q: "flurbl"), language: .english, until: Self.soon)
            let answer = try JSONDecoder().decode(Answer.self, from: Data(page.json.utf8))
            #expect(answer.understood.categories == ["health.hospital"])
        }
    }

    @Test("The database's plane is the program's")
    func plane() async throws {
        try await withStage { stage in
            for (latitude, longitude) in [
                (30.75, 120.75), (30.2, 121.5), (31.3, 119.9), (37.5, 127.0), (-33.9, 151.2), (0, 0),
            ] {
                let spot = Spot(Coordinate(latitude: latitude, longitude: longitude))
                let text = try await stage.value(
                    "select (p)[0]::text || ' ' || (p)[1]::text from catalog.plane(\(latitude), \(longitude)) p"
                )
                let parts = try #require(text).split(separator: " ").compactMap { Double($0) }
                #expect(abs(parts[0] - spot.x) < 0.001 && abs(parts[1] - spot.y) < 0.001)
            }
        }
    }

    @Test("Distances agree with PostGIS, and those on the plane nearly")
    func distances() async throws {
        try await withStage { stage in
            let home = Coordinate(latitude: 30.7522, longitude: 120.75)
            for (latitude, longitude) in [
                (30.7532, 120.751), (30.9, 121.0), (31.23, 121.47), (37.5, 127.0), (30.7522, 120.75),
            ] {
                let there = Coordinate(latitude: latitude, longitude: longitude)
                let text = try await stage.value(
                    """
                    select st_distance(st_makepoint(120.75, 30.7522)::geography,
                        st_makepoint(\(longitude), \(latitude))::geography)::text
                    """
                )
                let metres = try #require(text.flatMap(Double.init))
                #expect(abs(home.metres(to: there) - metres) < 0.001)
                let (here, far) = (Spot(home), Spot(there))
                let flat = ((here.x - far.x) * (here.x - far.x) + (here.y - far.y) * (here.y - far.y)).squareRoot()
                #expect(abs(flat - metres) <= metres * (metres < 120_000 ? 0.0005 : 0.02))
            }
        }
    }
}
