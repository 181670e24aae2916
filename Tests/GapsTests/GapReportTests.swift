import Catalog
import Foundation
import Gaps
import Postgres
import TestSupport
import Testing

@Suite("The gap report on the starter catalogue", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct GapReportTests {
    private struct Report: Decodable {
        struct Row: Decodable {
            struct Interval: Decodable {
                let low: Double
                let high: Double
            }
            struct Nearest: Decodable {
                let minutes: Double
            }
            let park: String
            let nationality: String
            let category: String
            let residents: Int?
            let supply: Int
            let gap: Int
            let confidence: Interval
            let unmet_requests: Int
            let satisfaction: Double?
            let nearest: Nearest?
            let rank: Int
            let why: String
        }
        let rows: [Row]
    }

    private func report(
        park: String? = nil,
        nationality: String? = nil,
        categories: [String] = []
    ) async throws -> [Report.Row] {
        var json = JSONText("")
        try await TestDatabase.required().withPool { pool in
            json = try await GapReport(pool: pool).gaps(
                park: park,
                nationality: nationality,
                categories: categories,
                language: .english,
                until: .after(.seconds(60))
            )
        }
        return try JSONDecoder().decode(Report.self, from: Data(json.utf8)).rows
    }

    @Test("says what is missing for the Japanese of Pinghu, the only ones who were counted")
    func japanese() async throws {
        let rows = try await report(park: "jx-jp", nationality: "JP")
        let school = try #require(rows.first { $0.category == "edu" })
        #expect(school.residents == 1000)
        #expect(school.supply == 0)
        #expect(school.gap == 1)
        #expect(school.nearest.map { (60...120).contains($0.minutes) } == true)
        // Wilson's interval for 20 of 20 at z = 1.645, computed by hand: 1 / (1 + 2.706 / 20).
        #expect(school.confidence.low == 0.881)
        #expect(school.confidence.high == 1)
        #expect(rows.map(\.rank) == Array(1...rows.count))
    }

    @Test("is unsure of everything where nobody has counted the residents, and says so")
    func uncounted() async throws {
        let rows = try await report(park: "jx-de")
        #expect(!rows.isEmpty)
        for row in rows {
            #expect(row.residents == nil)
            #expect(row.confidence.low == 0 && row.confidence.high == 1)
            #expect(row.why.contains("number of residents is not known"))
        }
    }

    @Test("counts an unmet request as evidence in its category")
    func evidence() async throws {
        let observer = try await TestDatabase.required().observer()
        defer { observer.close() }
        try await observer.execute(
            """
            insert into intake.request (secret_hash, text, park, nationality, status, understood)
            values ('', 'Boulangerie?', 'jx-fr', 'FR', 'unmet', '{"categories": ["shop.bakery"]}')
            """
        )
        let rows = try await report(park: "jx-fr", nationality: "FR")
        #expect(rows.first { $0.category == "health" }?.unmet_requests == 0)
        #expect(rows.first { $0.category == "shop" }?.unmet_requests ?? 1 == 1)
    }

    @Test("tells how content a nationality is, but not before five have voted")
    func satisfaction() async throws {
        let observer = try await TestDatabase.required().observer()
        defer { observer.close() }
        // A hospital in the park's own county that speaks their language.
        try await observer.execute(
            """
            update catalog.amenity set attributes = attributes || '{a.lang.nl}'
            where slug = 'jiashan-first-people-hospital';
            insert into intake.feedback (secret_hash, amenity, stars, nationality)
            select '', id, vote, 'NL' from catalog.amenity cross join unnest(array[5, 4, 4, 2]) vote
            where slug = 'jiashan-first-people-hospital'
            """
        )
        func health() async throws -> Report.Row? {
            try await report(park: "jx-nl", nationality: "NL", categories: ["health"]).first
        }
        #expect(try await health()?.supply == 1)
        #expect(try await health()?.satisfaction == nil)
        try await observer.execute(
            """
            insert into intake.feedback (secret_hash, amenity, stars, nationality)
            select '', id, 1, 'NL' from catalog.amenity where slug = 'jiashan-first-people-hospital'
            """
        )
        #expect(try await health()?.satisfaction == 3.2)
    }

    @Test("can be cut down to a root category")
    func categories() async throws {
        let rows = try await report(categories: ["edu"])
        #expect(Set(rows.map(\.category)) == ["edu"])
        #expect(Set(rows.map(\.park)).isSuperset(of: ["jx-de", "jx-nl", "jx-jp", "jx-fr"]))
    }

    @Test("refuses an unknown park with the known ones, and what is no root category")
    func refusals() async throws {
        do {
            _ = try await report(park: "atlantis")
            Issue.record("an unknown park was taken")
        } catch GapsError.unknownPark(_, let known) {
            #expect(known.contains("jx-fr"))
        }
        do {
            _ = try await report(categories: ["edu", "edu.intl"])
            Issue.record("a category below a root was taken")
        } catch GapsError.invalid(let member, _) {
            #expect(member == "categories/1")
        }
    }
}
