import Foundation
import Postgres
import TestSupport
import Testing

@testable import Catalog

/// Searches for the nearest of one kind show listings that stand in memory, and never one that is no longer true.
@Suite("Listings in memory", .needsServer)
struct ListingShelfTests {
    private struct Answer: Decodable {
        struct Item: Decodable {
            struct Name: Decodable { let text: String }
            let slug: String
            let name: Name
            let category_label: String
        }
        let items: [Item]
    }

    /// A catalogue of its own, with a look-up that has shown its hospitals in English before.
    private func withShownHospitals(
        _ body: (ScriptSession, _ hospitals: (Language) async throws -> [Answer.Item], Lookup) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            try await database.withPool { pool in
                let lookup = Lookup(pool: pool)
                func hospitals(_ language: Language) async throws -> [Answer.Item] {
                    let search = AmenitySearch(
                        park: "jx-de",
                        radiusMetres: 100_000,
                        categories: ["health.hospital"],
                        limit: 100
                    )
                    let page = try await lookup.search(search, language: language, until: .after(.seconds(60)))
                    return try JSONDecoder().decode(Answer.self, from: Data(page.json.utf8)).items
                }
                #expect(try await hospitals(.english).count > 3)
                let session = try await ScriptSession.open(database.configuration)
                defer { session.close() }
                try await body(session, hospitals, lookup)
            }
        }
    }

    @Test("show a name that was changed a moment ago")
    func names() async throws {
        try await withShownHospitals { session, hospitals, _ in
            try await session.execute(
                """
                update catalog.amenity_name set name = 'Hospital of the New Name'
                where lang = 'en' and kind = 'name'
                    and amenity = (select id from catalog.amenity where slug = 'jiaxing-first-hospital')
                """
            )
            let first = try await hospitals(.english).first { $0.slug == "jiaxing-first-hospital" }
            #expect(first?.name.text == "Hospital of the New Name")
        }
    }

    @Test("leave out what was closed or is of another kind now")
    func gone() async throws {
        try await withShownHospitals { session, hospitals, _ in
            let before = try await hospitals(.english).map(\.slug)
            try await session.execute(
                """
                update catalog.amenity set status = 'closed' where slug = '\(before[0])';
                update catalog.amenity set category = 'health.dentist' where slug = '\(before[1])'
                """
            )
            #expect(try await hospitals(.english).map(\.slug) == Array(before.dropFirst(2)))
        }
    }

    @Test("are written for readers of each language apart, and as a label is now")
    func labels() async throws {
        try await withShownHospitals { session, hospitals, lookup in
            let german = try #require(Language.all.first { $0.code == "de" })
            #expect(try await Set(hospitals(german).map(\.category_label)) == ["Krankenhaus"])
            #expect(try await Set(hospitals(.english).map(\.category_label)) == ["Hospital"])
            try await session.execute(
                """
                update catalog.term set labels = labels || '{"en": "House of the ill"}' where code = 'health.hospital'
                """
            )
            lookup.forgetWords()
            #expect(try await Set(hospitals(.english).map(\.category_label)) == ["House of the ill"])
        }
    }
}

@Suite("The shelf of listings")
struct ListingShelfRuleTests {
    private static let noon = Timestamp(unixSeconds: 1_800_000_000)
    private static let morning = Timestamp(unixSeconds: 1_799_990_000)

    private static func reader(edition: Int64) -> ListingShelf.Reader {
        let reference = Reference(
            edition: edition,
            terms: [],
            words: [],
            gazetteer: Gazetteer(regions: [], parks: []),
            implications: Implications(categories: [:], terms: [:])
        )
        return ListingShelf.Reader(language: .english, reference: reference)
    }

    /// A shelf with one listing, whose freshness is another from noon on.
    private static func shelf(_ id: UUID, for reader: ListingShelf.Reader) -> ListingShelf {
        let listing = Listing(
            id: id,
            facts: JSONText("{}"),
            names: KnownNames(lines: TextBytes("en official A")),
            category: "health.hospital",
            region: "330400",
            location: nil,
            verified: TextBytes(#"confirmed""#),
            schedule: nil
        )
        let shelf = ListingShelf(bytes: 1 << 20)
        _ = shelf.keep([VersionedListings.Row(listing: listing, version: 7, until: noon)], for: reader)
        return shelf
    }

    private static func row(_ id: UUID, version: Int64 = 7) -> NearestOfCategory.Row {
        NearestOfCategory.Row(id: id, version: version, sortKey: 5, hasOthers: false)
    }

    @Test("gives a listing with its place in the search until the state of its freshness is over")
    func freshness() {
        let (id, reader) = (UUID(), Self.reader(edition: 1))
        let shelf = Self.shelf(id, for: reader)
        let taken = shelf.take([Self.row(id)], for: reader, at: Self.morning)
        #expect(taken.listings.map(\.id) == [id] && taken.listings.map(\.sortKey) == [5] && taken.missing.isEmpty)
        #expect(shelf.take([Self.row(id)], for: reader, at: Self.noon).missing == [id])
    }

    @Test("gives none for another version, another amenity, another language or another vocabulary")
    func others() throws {
        let (id, reader) = (UUID(), Self.reader(edition: 1))
        let shelf = Self.shelf(id, for: reader)
        #expect(shelf.take([Self.row(id, version: 8)], for: reader, at: Self.morning).missing == [id])
        // A hash that is the same by chance.
        let other = UUID()
        #expect(shelf.take([Self.row(other)], for: reader, at: Self.morning).missing == [other])
        let german = try #require(Language.all.first { $0.code == "de" })
        let germans = ListingShelf.Reader(language: german, reference: reader.reference)
        #expect(shelf.take([Self.row(id)], for: germans, at: Self.morning).missing == [id])
        #expect(shelf.take([Self.row(id)], for: Self.reader(edition: 2), at: Self.morning).missing == [id])
    }
}

@Suite("A cache of two generations")
struct TwoGenerationCacheTests {
    @Test("stays within its size, and keeps what is asked for")
    func bound() {
        var cache = TwoGenerationCache<Int, Int>(size: 2000)
        for key in 0..<1000 {
            cache.insert(key, for: key, size: 100)
            #expect(cache.find(0) == 0, "it is asked for all the time")
            #expect(cache.size <= 2000)
        }
        #expect(cache.find(999) == 999 && cache.find(500) == nil)
    }

    @Test("has one value a key, also across its generations")
    func replaced() {
        var cache = TwoGenerationCache<Int, Int>(size: 1600)
        cache.insert(1, for: 0, size: 100)
        for key in 1...8 { cache.insert(key, for: key, size: 100) }
        cache.insert(2, for: 0, size: 50)
        #expect(cache.find(0) == 2 && cache.size == 850)
    }

    @Test("does not keep what would take the place of too many others")
    func tooLarge() {
        var cache = TwoGenerationCache<Int, Int>(size: 1600)
        cache.insert(1, for: 1, size: 101)
        #expect(cache.find(1) == nil && cache.size == 0)
    }
}
