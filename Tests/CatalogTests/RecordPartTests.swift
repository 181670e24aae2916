import Catalog
import Foundation
import Postgres
import TestSupport
import Testing

/// What a whole record tells beyond what an amenity is found by.
@Suite("Parts of a record", .needsServer, .seededDatabase, .timeLimit(.minutes(5)))
struct RecordPartTests {
    private struct Record: Decodable {
        struct Service: Decodable { let slug: String }
        struct Programme: Decodable {
            let curriculum: String
            let grades: String
            let source: String
        }
        struct Rule: Decodable {
            let decision: String
            let who: String
            let nationalities: [String]?
            let min_age: Int?
        }
        struct Fee: Decodable {
            let low: Double
            let high: Double
            let currency: String
            let period: String
        }
        struct Phone: Decodable {
            let national: String
            let use: String?
            let lang: String?
        }
        struct Way: Decodable {
            let park: String
            let distance_m: Double?
            let drive_minutes: Int?
        }
        struct FieldSource: Decodable {
            let field: String
            let source: String
        }
        struct Source: Decodable {
            let id: String
            let licence: String
        }
        struct Check: Decodable { let fields: String }
        let part_of: Service?
        let services: [Service]?
        let programmes: [Programme]?
        let admission_rules: [Rule]?
        let fees: [Fee]?
        let phones: [Phone]?
        let parks: [Way]?
        let field_sources: [FieldSource]?
        let sources: [Source]
        let verification: [Check]
    }

    private func record(_ slug: String, on database: TestDatabase) async throws -> Record {
        try await database.withPool { pool in
            let json = try await Lookup(pool: pool).amenity(slug, language: .english, until: .after(.seconds(60)))
            return try JSONDecoder().decode(Record.self, from: Data(json.utf8))
        }
    }

    @Test("A school tells what it teaches in which grades, what it costs and whom it takes, each with its source")
    func school() async throws {
        let school = try await record("wellington-college-shanghai", on: TestDatabase.required())
        #expect(school.programmes?.map(\.curriculum) == ["a.curr.uk"])
        #expect(school.programmes?.first?.grades == "kindergarten to grade 13")
        let fee = try #require(school.fees?.first)
        #expect(fee.low == 252_000 && fee.high == 338_000 && fee.currency == "CNY" && fee.period == "year")
        #expect(school.sources.contains { $0.id == "guojixiao-wellington" && !$0.licence.isEmpty })
        #expect(Set(school.verification.map(\.fields)).isSuperset(of: ["admission", "fees"]))
    }

    @Test(
        "A school for children of foreign personnel does not enrol resident Chinese nationals, whatever else is known"
    )
    func foreignSchool() async throws {
        for slug in ["wellington-college-shanghai", "concordia-international-school-shanghai"] {
            let rules = try #require(try await record(slug, on: TestDatabase.required()).admission_rules)
            #expect(rules.contains { $0.decision == "refused" && $0.nationalities == ["CN"] }, "\(slug)")
        }
        #expect(try await record("nanjing-international-school", on: TestDatabase.required()).admission_rules == nil)
    }

    @Test("A department is a service of its hospital and no duplicate of it, with its own telephones and ways to parks")
    func department() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            _ = try await session.execute(
                """
                insert into catalog.amenity_part
                select part.id, whole.id, part.source from catalog.amenity part, catalog.amenity whole
                where part.slug = 'huashan-worldwide-medical-center' and whole.slug = 'jiaxing-first-hospital';
                insert into catalog.phone_line (amenity, phone, kind, lang, source, confidence)
                select id, line.phone, line.kind, 'ja', source, 'low'
                from catalog.amenity, (values ('+862152889998', 'appointments'), ('120', 'emergency')) line (phone, kind)
                where slug = 'huashan-worldwide-medical-center';
                insert into catalog.park_link (amenity, park, road_m, drive_minutes, source)
                select id, 'jx-nl', 80000, 70, source from catalog.amenity
                where slug = 'huashan-worldwide-medical-center';
                insert into catalog.field_source (amenity, field, source)
                select id, 'website', source from catalog.amenity where slug = 'huashan-worldwide-medical-center'
                """
            )
            let part = try await record("huashan-worldwide-medical-center", on: database)
            #expect(part.part_of?.slug == "jiaxing-first-hospital" && part.services == nil)
            #expect(part.phones?.map(\.use) == ["appointments", "emergency"])
            #expect(part.phones?.map(\.national) == ["021 5288 9998", "120"])
            #expect(part.phones?.allSatisfy { $0.lang == "ja" } == true)
            #expect(part.parks?.map(\.park) == ["jx-nl"] && part.parks?.first?.drive_minutes == 70)
            #expect(part.field_sources?.map(\.field) == ["website"])
            let whole = try await record("jiaxing-first-hospital", on: database)
            #expect(whole.services?.map(\.slug) == ["huashan-worldwide-medical-center"] && whole.part_of == nil)
            let changed = try await session.execute(
                "select count(*) from catalog.change where slug = 'huashan-worldwide-medical-center' and kind = 'changed'"
            )
            #expect(changed == [["1"]], "those who keep a copy hear of it")
        }
    }

    @Test(
        "What is no fact is refused by the database",
        arguments: [
            "insert into catalog.amenity_part select id, id, source from catalog.amenity limit 1",
            """
            insert into catalog.fee select id, 'x', 2, 1, 'CNY', 'year', source, null, 'low' from catalog.amenity limit 1
            """,
            """
            insert into catalog.phone_line select id, '0573 8000', 'fax', null, null, source, null, 'low'
            from catalog.amenity limit 1
            """,
            """
            insert into catalog.programme select id, 'edu', 'K-12', 'offered', null, null, source, null, 'low'
            from catalog.amenity limit 1
            """,
            """
            insert into catalog.admission_rule select id, 1, 'admitted', 'anyone', null, 19, 18, source, null, 'low'
            from catalog.amenity limit 1
            """,
        ]
    )
    func refused(sql: String) async throws {
        let session = try await ScriptSession.open(TestDatabase.required().configuration)
        defer { session.close() }
        await #expect(throws: PostgresError.self) { try await session.execute(sql) }
    }
}
