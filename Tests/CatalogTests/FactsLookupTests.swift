import Catalog
import Foundation
import Postgres
import TestSupport
import Testing

/// What look-ups compute: distance from points of any datum, open or closed, how well a place suits.
@Suite("Facts in look-ups", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct FactsLookupTests {
    private static var soon: Deadline { .after(.seconds(60)) }

    private struct Items: Decodable { let items: [Item] }
    private struct Item: Decodable {
        struct Location: Decodable { let datum: String }
        struct Open: Decodable {
            let state: String
            let until: String?
        }
        struct Match: Decodable {
            let score: Double
            let reasons: [String]
        }
        let slug: String
        let location: Location?
        let distance_m: Double?
        let open: Open
        let match: Match
    }

    private func search(_ search: AmenitySearch, in language: String = "en") async throws -> [Item] {
        try await withLookup { lookup in try await self.search(search, in: language, by: lookup) }
    }

    /// For tests that search more than once: every look-up reads the whole vocabulary before its first search.
    private func search(
        _ search: AmenitySearch,
        in language: String = "en",
        by lookup: Lookup
    ) async throws -> [Item] {
        let page = try await lookup.search(search, language: .resolve(language), until: Self.soon)
        return try JSONDecoder().decode(Items.self, from: Data(page.json.utf8)).items
    }

    private func withLookup<Value>(_ body: (Lookup) async throws -> Value) async throws -> Value {
        try await TestDatabase.required().withPool { try await body(Lookup(pool: $0)) }
    }

    private func execute(_ sql: String) async throws {
        let session = try await ScriptSession.open(TestDatabase.required().configuration)
        defer { session.close() }
        _ = try await session.execute(sql)
    }

    private func setHours(_ expression: String, of slug: String, makeup: String = "unknown") async throws {
        try await execute(
            """
            insert into catalog.opening_hours (amenity, expression, makeup, source, confidence)
            select id, '\(expression)', '\(makeup)', source, 'low' from catalog.amenity where slug = '\(slug)'
            on conflict (amenity) do update set expression = excluded.expression, makeup = excluded.makeup
            """
        )
    }

    @Test("the same point in any datum is equally far", arguments: Datum.allCases)
    func datums(datum: Datum) async throws {
        // 1.1 km north of the abbey.
        let near = Coordinate(latitude: 30.793066, longitude: 120.763953).converted(to: datum)
        let items = try await search(AmenitySearch(near: near, radiusMetres: 2000, categories: ["worship.catholic"]))
        let abbey = try #require(items.first { $0.slug == "jiaxing-vincent-abbey" })
        #expect(abs(try #require(abbey.distance_m) - 1109) < 5)
        #expect(abbey.location?.datum == "wgs84")
    }

    @Test("a GCJ-02 point taken for WGS-84 would be 480 m off, so the datum matters")
    func wrongDatum() async throws {
        let near = Coordinate(latitude: 30.783066, longitude: 120.763953).converted(to: .gcj02).reread(as: .wgs84)
        let items = try await search(AmenitySearch(near: near, radiusMetres: 2000, categories: ["worship.catholic"]))
        #expect(try #require(items.first?.distance_m) > 400)
    }

    @Test("hours that are known say open or closed and until when; unknown ones say unknown")
    func hours() async throws {
        try await setHours("24/7", of: "pinghu-first-people-hospital")
        try await setHours("off", of: "pinghu-second-people-hospital")
        try await setHours("whenever we like", of: "pinghu-tcm-hospital")
        let items = try await search(AmenitySearch(park: "jx-jp", categories: ["health"]))
        func open(_ slug: String) throws -> Item.Open { try #require(items.first { $0.slug == slug }).open }
        #expect(try open("pinghu-first-people-hospital").state == "open")
        #expect(try open("pinghu-first-people-hospital").until == nil)
        #expect(try open("pinghu-second-people-hospital").state == "closed")
        #expect(try open("pinghu-tcm-hospital").state == "unknown")
    }

    @Test("open_at keeps the places that are known to be open then, on holidays and worked Saturdays too")
    func openAt() async throws {
        try await setHours("Mo-Fr 08:00-17:00; PH off", of: "jiaxing-first-hospital", makeup: "as_weekday")
        try await setHours("Mo-Su 17:00-02:00", of: "jiaxing-second-hospital")
        try await withLookup { lookup in
            func open(_ text: String, _ categories: [String] = []) async throws -> [Item] {
                let time = try #require(AmenitySearch.OpenTime(parsing: text))
                let wanted = AmenitySearch(park: "jx-de", categories: categories, openAt: time, limit: 100)
                return try await search(wanted, by: lookup)
            }
            func hospitals(_ text: String) async throws -> [String] {
                try await open(text, ["health.hospital"]).map(\.slug).filter { $0.hasPrefix("jiaxing-") }
            }
            #expect(try await hospitals("2026-11-24T10:00") == ["jiaxing-first-hospital"])
            // Spring Festival; a Saturday worked in exchange for National Day; the night; the caller's zone.
            #expect(try await hospitals("2026-02-17T10:00").isEmpty)
            #expect(try await hospitals("2026-10-10T10:00") == ["jiaxing-first-hospital"])
            #expect(try await hospitals("2026-11-25T01:00") == ["jiaxing-second-hospital"])
            #expect(try await hospitals("2026-11-24T03:00:00+01:00") == ["jiaxing-first-hospital"])
            let items = try await open("2026-11-24T10:00")
            #expect(items.allSatisfy { $0.open.state == "open" })
            let hospital = try #require(items.first { $0.slug == "jiaxing-first-hospital" })
            #expect(hospital.open.until == "2026-11-24T17:00:00+08:00")
            #expect(try await open("now").allSatisfy { $0.open.state == "open" })
        }
    }

    @Test("pages of open places follow each other")
    func openPages() async throws {
        for slug in ["courtyard-marriott-pinghu", "pullman-jiaxing-pinghu", "lvyang-hotel-pinghu"] {
            try await setHours("Mo-Su 00:00-24:00", of: slug)
        }
        let at = AmenitySearch.OpenTime(parsing: "2026-11-24T10:00")
        try await TestDatabase.required().withPool { pool in
            let lookup = Lookup(pool: pool)
            let first = try await lookup.search(
                AmenitySearch(park: "jx-de", openAt: at, limit: 1),
                language: .english,
                until: Self.soon
            )
            let cursor = try #require(first.next)
            let second = try await lookup.search(
                AmenitySearch(park: "jx-de", openAt: at, limit: 1, cursor: cursor),
                language: .english,
                until: Self.soon
            )
            #expect(second.json != first.json)
        }
    }

    @Test("who looks decides how well a place suits, and the reasons are in the reader's language")
    func match() async throws {
        let search = AmenitySearch(park: "jx-jp", categories: ["edu"], nationality: "JP", limit: 100)
        // Every Japanese school is further away than the usual reach.
        var far = search
        far.radiusMetres = 300_000
        let items = try await self.search(far, in: "ja")
        let school = try #require(items.first { $0.slug == "shanghai-japanese-school-pudong" })
        #expect(school.match.score > 0.9)
        #expect(school.match.reasons.first?.hasPrefix("対応言語：日本語") == true, "\(school.match.reasons)")
        let german = try #require(items.first { $0.slug == "german-school-shanghai-hongqiao" })
        #expect(german.match.score < school.match.score)
        let anyone = try await self.search(AmenitySearch(park: "jx-jp"))
        #expect(anyone.allSatisfy { $0.match.score == 1 && $0.match.reasons.isEmpty })
        let nobody = try await self.search(AmenitySearch(park: "jx-jp", categories: ["health"], nationality: "ZZ"))
        #expect(nobody.allSatisfy { $0.match.score == 0.5 && $0.match.reasons.isEmpty })
    }

    @Test("diets and insurers that nobody knows of are told as not known, and those of another kind are refused")
    func household() async throws {
        try await withLookup { lookup in
            var wanted = AmenitySearch(park: "jx-jp", radiusMetres: 300_000, categories: ["health"], limit: 100)
            wanted.household = AmenitySearch.Household(insurers: ["a.insurer.msh"])
            let clinics = try await search(wanted, in: "de", by: lookup)
            #expect(clinics.contains { $0.match.reasons == ["Nicht bekannt: MSH"] && $0.match.score == 0.5 })
            wanted.categories = ["worship"]
            wanted.household = AmenitySearch.Household(faiths: ["worship.catholic"])
            let churches = try await search(wanted, by: lookup)
            let abbey = try #require(churches.first { $0.slug == "jiaxing-vincent-abbey" })
            #expect(abbey.match.score == 1 && abbey.match.reasons == ["Your faith: Catholic church"])
            let mosque = try #require(churches.first { $0.slug == "jiaxing-mosque" })
            #expect(mosque.match.score == 0 && mosque.match.reasons == ["Another faith: Mosque"])
            wanted.household = AmenitySearch.Household(diets: ["a.diet.hallal"])
            do {
                _ = try await search(wanted, by: lookup)
                Issue.record("an unknown diet was taken")
            } catch CatalogError.unknownCode(let member, let nearest) {
                #expect(member == "diets/0" && nearest == "a.diet.halal")
            }
        }
    }

    @Test("languages are matched by their first subtag, also without a nationality")
    func languages() async throws {
        let items = try await search(
            AmenitySearch(park: "jx-jp", radiusMetres: 300_000, languages: ["de-AT", "zh-Hant"], limit: 100)
        )
        let german = try #require(items.first { $0.slug == "german-school-shanghai-hongqiao" })
        #expect(german.match.reasons.contains { $0.hasPrefix("Language of service: German") })
    }

    @Test(
        "what cannot be right is refused by name",
        arguments: [
            (AmenitySearch(park: "jx-de", nationality: "de"), "nationality"),
            (AmenitySearch(park: "jx-de", nationality: "GER"), "nationality"),
            (AmenitySearch(park: "jx-de", languages: ["de", "deutsch"]), "languages/1"),
            (AmenitySearch(park: "jx-de", languages: [""]), "languages/0"),
            (AmenitySearch(near: Coordinate(latitude: 120, longitude: 30, datum: .gcj02)), "near/lat"),
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

    @Test("a record tells its hours, its phone in all forms, and the original of its position")
    func record() async throws {
        try await execute(
            """
            update catalog.amenity set original_latitude = 30.1, original_longitude = 120.2, original_datum = 'gcj02',
                location = st_setsrid(st_makepoint(120.195, 30.103), 4326)::geography, precision = 'point'
            where slug = 'jiaxing-exit-entry-administration'
            """
        )
        try await setHours("Mo-Fr 09:00-17:00+", of: "jiaxing-exit-entry-administration")
        struct Record: Decodable {
            struct Hours: Decodable {
                let state: String
                let expression: String?
                let not_understood: String?
            }
            struct Phone: Decodable {
                let e164: String
                let national: String
                let international: String
                let dialable_from_abroad: Bool
            }
            struct Location: Decodable {
                struct Original: Decodable {
                    let lat: Double
                    let datum: String
                }
                let datum: String
                let original: Original
            }
            struct Verification: Decodable {
                let fields: String
                let state: String
            }
            let open: Hours
            let hours: Hours
            let phones: [Phone]?
            let location: Location?
            let verification: [Verification]
        }
        try await TestDatabase.required().withPool { pool in
            let lookup = Lookup(pool: pool)
            func record(_ slug: String) async throws -> Record {
                let json = try await lookup.amenity(slug, language: .english, until: Self.soon)
                return try JSONDecoder().decode(Record.self, from: Data(json.utf8))
            }
            let office = try await record("jiaxing-exit-entry-administration")
            #expect(office.open.state == "unknown" && office.hours.state == "unknown")
            #expect(office.hours.expression == "Mo-Fr 09:00-17:00+")
            #expect(office.hours.not_understood == "at character 18: an open end (+) says not when it closes")
            #expect(office.location?.datum == "wgs84" && office.location?.original.datum == "gcj02")
            #expect(office.location?.original.lat == 30.1)
            let phone = try #require(office.phones?.first)
            #expect(phone.e164 == "+8657382719100" && phone.national == "0573 8271 9100")
            #expect(phone.international == "+86 573 8271 9100" && phone.dialable_from_abroad)
            #expect(Set(office.verification.map(\.fields)).isSuperset(of: ["existence", "phone", "hours"]))
            let hospital = try await record("haiyan-people-hospital")
            #expect(hospital.hours.state == "unknown" && hospital.hours.expression == nil && hospital.phones == nil)
        }
    }
}
