import Catalog
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Commands

/// The searches of the shared cases and of our own, against the starter catalogue.
@Suite("Evaluating searches", .needsServer, .seededDatabase, .timeLimit(.minutes(3)))
struct SearchEvaluationTests {
    private func evaluate(_ rows: [[String: String]], park: String? = nil) async throws -> SearchEvaluation {
        let columns = ["id", "ui_lang", "query", "expected_codes_any", "required_attributes", "must_not"]
        let cases = try rows.map { row in
            let cells = Dictionary(columns.map { ($0, row[$0] ?? "") }) { first, _ in first }
            return try SearchCase(CaseFile.Case(line: 0, cells: cells, file: "cases"))
        }
        return try await TestDatabase.required().withPool { pool in
            let lookup = Lookup(pool: pool)
            let list = try await lookup.terms(kind: nil, parent: nil, language: .english, until: .after(.seconds(30)))
            let terms = try JSONValue(parsing: list.utf8)
            return try await SearchEvaluation(cases, park: park, terms: terms) { params in
                let search = AmenitySearch(
                    park: params["park"].string,
                    q: params["q"].string,
                    categories: params["categories"].elements.map(\.plain),
                    attributes: params["attributes"].elements.map(\.plain),
                    limit: params["limit"].double.map { Int($0) } ?? 20
                )
                let language = Language.resolve(params["_meta"]["lang"].string)
                let page = try await lookup.search(search, language: language, until: .after(.seconds(30)))
                return try JSONValue(parsing: page.json.utf8)
            }
        }
    }

    @Test(
        "all shared cases come out right, around a park or nowhere",
        .needsShared("cases/search_queries.csv"),
        arguments: [nil, "jx-jp", "jx-de"]
    )
    func shared(park: String?) async throws {
        let evaluation = try await evaluate(SharedKnowledge.rows("cases/search_queries.csv"), park: park)
        #expect(evaluation.right == evaluation.rows.count, "\(evaluation.text)")
        #expect(evaluation.rows.count == 50)
    }

    @Test("of our own cases at least 85 % come out right", arguments: [nil, "jx-nl"])
    func own(park: String?) async throws {
        let evaluation = try await evaluate(SharedKnowledge.ownRows("Tests/Cases/search_queries.csv"), park: park)
        #expect(Double(evaluation.right) >= 0.85 * Double(evaluation.rows.count), "\(evaluation.text)")
        print(evaluation.text)
    }

    private func verdict(_ answer: SearchAnswer, _ cells: [String: String], canHit: Bool) throws -> SearchVerdict {
        let columns = ["id", "ui_lang", "query", "expected_codes_any", "required_attributes", "must_not"]
        let all = Dictionary(columns.map { ($0, cells[$0] ?? "") }) { first, _ in first }
        let terms = try JSONValue(parsing: #"{"items": [{"code": "food.thai", "parent": "food.restaurant"}]}"#.utf8)
        let one = try SearchCase(CaseFile.Case(line: 1, cells: all, file: "f"))
        return SearchVerdict(one, answer, CaseTaxonomy(terms), canHit: canHit)
    }

    @Test("a verdict looks at the first five, at attributes, and at what must not be there")
    func verdicts() throws {
        let dentist = SearchAnswer.Item(category: "health.dentist", attributes: ["a.lang.ja"])
        let hotel = SearchAnswer.Item(category: "stay.hotel", attributes: [])
        func answer(_ items: [SearchAnswer.Item], _ categories: [String] = [], _ attributes: [String] = [])
            -> SearchAnswer
        {
            SearchAnswer(items: items, categories: categories, attributes: attributes, rung: "phrase")
        }
        let wanted = ["expected_codes_any": "health.dentist|health.gp", "required_attributes": "a.lang.ja|a.lang.ko"]
        #expect(try verdict(answer([hotel, dentist]), wanted, canHit: true) == .hit)
        #expect(try verdict(answer([hotel, hotel, hotel, hotel, hotel, dentist]), wanted, canHit: true) == .missed)
        #expect(try verdict(answer([]), wanted, canHit: true) == .missed)
        #expect(try verdict(answer([], ["health.dentist"], ["a.lang.ja"]), wanted, canHit: false) == .understood)
        #expect(try verdict(answer([], ["health.dentist"]), wanted, canHit: false) == .missed)
        let parent = ["expected_codes_any": "health"]
        #expect(
            try verdict(answer([dentist]), parent, canHit: true) == .hit,
            "a parent is satisfied by what lies below"
        )
        let thai = SearchAnswer.Item(category: "food.thai", attributes: [])
        let restaurant = ["expected_codes_any": "food.restaurant"]
        #expect(try verdict(answer([thai]), restaurant, canHit: true) == .hit, "by the taxonomy, not by the code alone")
        #expect(try verdict(answer([hotel]), [:], canHit: false) == .missed, "nothing should be found")
        #expect(try verdict(answer([]), [:], canHit: false) == .nothing)
        let first = parent.merging(["must_not": "stay.hotel first"]) { $1 }
        #expect(try verdict(answer([hotel, dentist]), first, canHit: true) == .unwanted)
        #expect(try verdict(answer([dentist, hotel]), first, canHit: true) == .hit)
        let never = parent.merging(["must_not": "stay.*"]) { $1 }
        #expect(try verdict(answer([dentist, hotel]), never, canHit: true) == .unwanted)
        let meaning = parent.merging(["must_not": "a.lang.ja"]) { $1 }
        #expect(try verdict(answer([dentist], ["health.dentist"], ["a.lang.ja"]), meaning, canHit: true) == .unwanted)
        #expect(try verdict(answer([dentist], ["health.dentist"]), meaning, canHit: true) == .hit)
    }
}
