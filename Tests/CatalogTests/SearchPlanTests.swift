import Postgres
import TestSupport
import Testing

@testable import Catalog

/// How searches are planned when nothing is known of their parameters, as it is after a few executions.
@Suite("Plans of searches", .needsServer, .timeLimit(.minutes(5)))
struct SearchPlanTests {
    /// Amenities of every category all over the delta, with words, by SQL alone.
    private static let fill = """
        insert into catalog.amenity (slug, category, region, location, original_latitude, original_longitude,
            original_datum, precision, status, attributes, source, confidence)
        select 'p-' || n, code, '330400', st_makepoint(120.3 + random() * 1.2, 30.2 + random())::geography, 30, 120, 'wgs84',
            'point', 'active', case when n % 50 = 0 then array['a.lang.ja'] else '{}' end, source, 'low'
        from generate_series(1, 20000) n,
            lateral (select code from catalog.term where kind = 'category' order by md5(code || n) limit 1) term,
            lateral (select id as source from catalog.source order by id limit 1) source;
        update catalog.listing set
            words = ('''w' || (hashtext(slug) & 4095) || ''':1A ''医院'':2A')::tsvector, keys = E'\\n' || slug || E'\\n';
        insert into catalog.search_name select slug, amenity, slug, 'en' from catalog.listing;
        insert into catalog.search_word select distinct slug from catalog.listing;
        analyze catalog.amenity, catalog.listing, catalog.record, catalog.search_name, catalog.search_word, catalog.change,
            catalog.search_stale, catalog.record_part
        """

    private static let tables = ["listing", "search_name", "search_word", "change", "amenity", "record", "record_part"]

    @Test("read no large table from end to end")
    func scans() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            try await session.execute("select setseed(0.5)")
            try await session.execute(Self.fill)
            try await session.execute("set plan_cache_mode = force_generic_plan")
            for (sql, parameters) in [
                (NearestAmenities.sql, 10), (NearestOfCategory.sql, 5), (VersionedListings.sql, 1),
                (RegionalAmenities.sql, 10),
                (RankedAmenities.sql, 29), (SuggestNames.sql, 6), (ListedAmenities.sql, 2), (ListChanges.sql, 4),
                (StaleAmenities.sql, 2), (AmenityRecord.sql, 2), (AmenityAddress.sql, 1), (FindCultureTraits.sql, 1),
            ] {
                try await session.execute("prepare one as \(sql.text)")
                let arguments = Array(repeating: "null", count: parameters).joined(separator: ", ")
                let plan = try await session.execute("explain (costs off) execute one(\(arguments))")
                    .compactMap { $0.first ?? nil }.joined(separator: "\n")
                for table in Self.tables {
                    #expect(!plan.contains("Seq Scan on \(table)"), "\(sql.name):\n\(plan)")
                }
                try await session.execute("deallocate one")
            }
        }
    }

    @Test("look for words that are nearly those of names by their trigrams")
    func words() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            try await session.execute(Self.fill)
            let scans = "select seq_scan, idx_scan > 0 from pg_stat_xact_user_tables where relname = 'search_word'"
            try await session.execute("begin")
            let found = try await session.execute("select * from catalog.nearest_words(array['p-1234x', 'p-777'])")
            #expect(found.count > 2)
            #expect(try await session.execute(scans) == [["0", "t"]])
        }
    }

    @Test("look at few pages for the nearest of a category, however many there are")
    func pages() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            try await session.execute(Self.fill)
            try await session.execute("set plan_cache_mode = force_generic_plan")
            for (sql, arguments) in [
                (NearestOfCategory.sql, "0, 0, 'health.dentist', 10000, 21"),
                (NearestAmenities.sql, "0, 0, 50000, '{health.dentist}', '{}', null, null, 21, null, null"),
            ] {
                try await session.execute("prepare one as \(sql.text)")
                let call = "explain (analyze, buffers, timing off, costs off) execute one(\(arguments))"
                for _ in 0..<2 { try await session.execute(call) }
                let plan = try await session.execute(call).compactMap { $0.first ?? nil }
                let line = try #require(plan.first { $0.contains("Buffers: shared") })
                let hits = line.split(separator: " ").filter { $0.hasPrefix("hit=") || $0.hasPrefix("read=") }
                    .compactMap { Int($0.drop { $0 != "=" }.dropFirst()) }.reduce(0, +)
                #expect(hits < 150, "\(sql.name):\n\(plan.joined(separator: "\n"))")
                if sql.name == NearestOfCategory.sql.name {
                    let scan = "Index Only Scan using listing_by_category_and_spot"
                    #expect(plan.contains { $0.contains(scan) }, "\(plan.joined(separator: "\n"))")
                }
                try await session.execute("deallocate one")
            }
        }
    }
}
