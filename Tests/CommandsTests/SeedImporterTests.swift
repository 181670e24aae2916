import Catalog
import Postgres
import TestSupport
import Testing

@Suite("The seed on a real database", .needsServer, .timeLimit(.minutes(2)))
struct SeedImporterTests {
    private static func withMigratedDatabase(_ body: (TestDatabase, Pool, ScriptSession) async throws -> Void)
        async throws
    {
        try await withDatabase { database in
            try await database.migrate()
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            try await database.withPool { pool in try await body(database, pool, session) }
        }
    }

    private static func load(_ seed: SmallSeed, _ pool: Pool) async throws -> [String: [Int]] {
        let outcome = try await SeedImporter(pool: pool).load(try seed.read(), until: .after(.seconds(60)))
        return Dictionary(
            uniqueKeysWithValues: outcome.summaries.map { ($0.noun, [$0.new, $0.changed, $0.unchanged]) }
        )
    }

    @Test("the first run writes everything, and the second nothing, not even a row version")
    func idempotent() async throws {
        try await Self.withMigratedDatabase { _, pool, session in
            let first = try await Self.load(SmallSeed(), pool)
            let absent = ["services of other amenities", "programmes"]
            #expect(first.allSatisfy { $1[1] == 0 && $1[2] == 0 && ($1[0] > 0) != absent.contains($0) })
            #expect(first["park names"] == [3, 0, 0])
            let versions = "select xmin, ctid, updated_at from catalog.amenity"
            let before = try await session.execute(versions)
            let second = try await Self.load(SmallSeed(), pool)
            #expect(second.allSatisfy { $1[0] == 0 && $1[1] == 0 && ($1[2] > 0) != absent.contains($0) })
            #expect(try await session.execute(versions) == before)
        }
    }

    @Test("texts arrive as they are, with commas, quotes, tabs, backslashes and line breaks")
    func texts() async throws {
        try await Self.withMigratedDatabase { _, pool, session in
            _ = try await Self.load(SmallSeed(), pool)
            let row = try await session.execute("select address_zh, address_en, notes from catalog.amenity")
            #expect(row == [["甲路1号,乙", "line\\two\ttab", "says \"hi\"\ntwice"]])
            let parks = try await session.execute(
                "select lang, name, origin, partner_countries::text from catalog.park_name, catalog.park order by lang"
            )
            #expect(
                parks == [
                    ["de", "Der Park", "official", "{DE,AT}"], ["en", "Park", "curator", "{DE,AT}"],
                    ["zh-Hans", "园", "official", "{DE,AT}"],
                ]
            )
        }
    }

    @Test("a changed row is updated, a new one added, and a removed one stays")
    func changes() async throws {
        try await Self.withMigratedDatabase { _, pool, session in
            let extra = "b,edu,330400,,,,,,,30.7,120.7,wgs84,point,active,,,,src,2020,high"
            _ = try await Self.load(SmallSeed().with("amenities", row: extra), pool)
            let ids = try await session.execute("select slug, id from catalog.amenity order by slug")
            var edited = SmallSeed().with("synonyms", row: "edu,de,Lernen")
            edited.files["amenities"] = edited.files["amenities"]?.replacing("active,edu", with: "closed,edu")
            let counts = try await Self.load(edited, pool)
            #expect(counts["amenities"] == [0, 1, 0])
            #expect(counts["synonyms"] == [1, 0, 1])
            let after = try await session.execute("select slug, id from catalog.amenity order by slug")
            #expect(after == ids)
            #expect(try await session.execute("select status from catalog.amenity where slug = 'a'") == [["closed"]])
            #expect(
                try await session.execute("select st_astext(location) from catalog.amenity where slug = 'b'")
                    == [["POINT(120.7 30.7)"]]
            )
        }
    }

    @Test("a position in another datum is kept as it is and converted beside it")
    func datums() async throws {
        try await Self.withMigratedDatabase { _, pool, session in
            let row = "b,edu,330400,,,,,,,30.743701,120.754320,gcj02,point,active,,,,src,2020,high"
            _ = try await Self.load(SmallSeed().with("amenities", row: row), pool)
            let kept = try await session.execute(
                """
                select round(st_y(location::geometry)::numeric, 5), round(st_x(location::geometry)::numeric, 5),
                    original_latitude, original_longitude, original_datum
                from catalog.amenity where slug = 'b'
                """
            )
            #expect(kept == [["30.74600", "120.75000", "30.743701", "120.75432", "gcj02"]])
            #expect(try await Self.load(SmallSeed().with("amenities", row: row), pool)["amenities"] == [0, 0, 2])
        }
    }

    @Test("a place that seems to have moved as a conversion would move it is reported as one in a wrong datum")
    func wrongDatum() async throws {
        try await Self.withMigratedDatabase { _, pool, _ in
            func doubts(_ position: String) async throws -> [DatumDoubt] {
                let row = "b,edu,330400,,,,,,,\(position),point,active,,,,src,2020,high"
                let seed = try SmallSeed().with("amenities", row: row).read()
                return try await SeedImporter(pool: pool).load(seed, until: .after(.seconds(60))).doubts
            }
            #expect(try await doubts("30.74600,120.75000,wgs84").isEmpty, "the first is known from nowhere else")
            #expect(try await doubts("30.743701,120.754320,gcj02").isEmpty, "the same place in its right datum")
            let shifted = try await doubts("30.743701,120.754320,wgs84")
            #expect(shifted.map(\.suspicion.likely) == [.gcj02])
            #expect(shifted.first.map { (450...520).contains($0.suspicion.declaredMetres) } == true)
            #expect(shifted.first?.description.contains("b lies 4") == true)
            #expect(try await doubts("30.75100,120.75000,wgs84").isEmpty, "555 m north of it: it has moved")
        }
    }

    @Test("the id of an amenity follows from its slug")
    func stableIDs() async throws {
        try await Self.withMigratedDatabase { _, pool, session in
            _ = try await Self.load(SmallSeed(), pool)
            let id = try await session.execute("select id = md5('amenity:a')::uuid from catalog.amenity")
            #expect(id == [["t"]])
        }
    }

    @Test("two seeds at once both succeed, and only one of them writes")
    func twoAtOnce() async throws {
        try await Self.withMigratedDatabase { database, pool, _ in
            async let one = Self.load(SmallSeed(), pool)
            async let other = Self.load(SmallSeed(), pool)
            let new = try await [one, other].map { $0["amenities"]?[0] }
            #expect(Set(new) == [0, 1])
        }
    }

    @Test("a refusal by the database leaves nothing behind")
    func allOrNothing() async throws {
        try await Self.withMigratedDatabase { _, pool, session in
            try await session.execute("alter table gaps.residents add check (value > 1000)")
            await #expect(throws: PostgresError.self) { try await Self.load(SmallSeed(), pool) }
            #expect(try await session.execute("select count(*) from catalog.source") == [["0"]])
        }
    }
}
