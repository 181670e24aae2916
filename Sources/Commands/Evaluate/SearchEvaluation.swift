/// How the searches of a file come out.
struct SearchEvaluation: Sendable {
    struct Row: Sendable {
        let one: SearchCase
        let answer: SearchAnswer
        let verdict: SearchVerdict
    }

    private(set) var rows: [Row] = []

    /// Runs every case.
    ///
    /// - Parameters:
    ///   - terms: what `taxonomy.list` answers.
    ///   - search: answers `amenities.search` with these params.
    init(
        _ cases: [SearchCase],
        park: String?,
        terms: JSONValue,
        search: (JSONValue) async throws -> JSONValue
    ) async throws {
        let taxonomy = CaseTaxonomy(terms)
        for one in cases {
            var params = JSONObject()
            params.add("q", one.query)
            params.add("park", park)
            params.add("limit", 5)
            var meta = JSONObject()
            meta.add("lang", one.language)
            params.add("_meta", meta.json)
            let answer = SearchAnswer(try await search(params.json))
            let canHit = try await Self.canHit(one, taxonomy, search)
            let verdict = SearchVerdict(one, answer, taxonomy, canHit: canHit)
            rows.append(Row(one: one, answer: answer, verdict: verdict))
        }
    }

    /// Whether any record fits, wherever it is.
    private static func canHit(
        _ one: SearchCase,
        _ taxonomy: CaseTaxonomy,
        _ search: (JSONValue) async throws -> JSONValue
    ) async throws -> Bool {
        guard !one.codes.isEmpty else { return false }
        // Of every group one: asked combination by combination, of which there are few.
        var combinations: [[String]] = [[]]
        for group in one.attributes { combinations = combinations.flatMap { known in group.map { known + [$0] } } }
        for attributes in combinations.prefix(32) {
            var params = JSONObject()
            params.add("categories", one.codes)
            params.add("attributes", attributes)
            params.add("limit", 100)
            let found = try await search(params.json)["items"].elements.map(\.["category"].plain)
            let mayBeFirst = found.contains { category in
                !(one.unwanted + one.unwantedFirst).contains { taxonomy.isOf(category, $0) }
            }
            if mayBeFirst { return true }
        }
        return false
    }

    var right: Int { rows.count { $0.verdict.isRight } }

    var text: String {
        let wrong = rows.filter { !$0.verdict.isRight }.map { row in
            [
                row.one.id, row.one.language, row.one.query, row.verdict.rawValue, row.answer.rung,
                row.answer.items.map(\.category).joined(separator: " "),
                (row.answer.categories + row.answer.attributes).joined(separator: " "),
            ]
        }
        let counts = [SearchVerdict.hit, .understood, .nothing].map { verdict in
            "\(rows.count { $0.verdict == verdict }) \(verdict.rawValue)"
        }
        let summary = "\(right) of \(rows.count) queries are answered as expected (\(counts.joined(separator: ", ")))."
        guard !wrong.isEmpty else { return summary }
        let headings = ["id", "lang", "query", "verdict", "rung", "found", "understood"]
        return summary + "\n" + TextTable(headings: headings, rows: wrong).text
    }

    var json: JSONValue {
        [
            "cases": .integer(rows.count), "right": .integer(right),
            "share": .fraction(rows.isEmpty ? 0 : (Double(right) / Double(rows.count) * 1000).rounded() / 1000),
            "wrong": .array(
                rows.filter { !$0.verdict.isRight }.map { row in
                    [
                        "id": .string(row.one.id), "query": .string(row.one.query),
                        "verdict": .string(row.verdict.rawValue),
                    ]
                }
            ),
        ]
    }

    /// One row a case: id, verdict, rung, the categories of the first five, and the codes that were understood.
    var csv: [String] {
        ["id,verdict,rung,found,understood"]
            + rows.map { row in
                [
                    row.one.id, row.verdict.rawValue, row.answer.rung,
                    row.answer.items.map(\.category).joined(separator: "|"),
                    (row.answer.categories + row.answer.attributes).joined(separator: "|"),
                ].joined(separator: ",")
            }
    }
}
