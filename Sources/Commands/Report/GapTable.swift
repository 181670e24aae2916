/// The rows of a gap report for people and for spreadsheets.
struct GapTable {
    private let rows: [JSONValue]

    init(_ result: JSONValue) { self.rows = result["rows"].elements }

    /// - Parameter showsWhere: whether the rows are of more than one park or nationality.
    func table(showsWhere: Bool) -> TextTable {
        let place = showsWhere ? ["park", "from"] : []
        return TextTable(
            headings: place + ["category", "residents", "places", "gap", "sure", "why"],
            rows: rows.map { row in
                (showsWhere ? [row["park"].plain, row["nationality"].plain] : []) + [
                    row["category_label"].string ?? row["category"].plain, row["residents"].int.map(String.init) ?? "?",
                    row["supply"].plain, row["gap"].plain, Self.range(of: row), row["why"].plain,
                ]
            },
            rightAligned: Set((1...3).map { $0 + place.count })
        )
    }

    /// RFC 4180, one row a cell of the report.
    var csv: String {
        let columns = ["park", "nationality", "category", "residents", "supply", "access", "gap"]
        let header =
            columns + ["confidence_low", "confidence_high", "unmet_requests", "nearest", "minutes", "rank", "why"]
        let lines = rows.map { row in
            columns.map { row[$0].plain } + [
                row["confidence"]["low"].plain, row["confidence"]["high"].plain, row["unmet_requests"].plain,
                row["nearest"]["name"]["text"].plain, row["nearest"]["minutes"].plain, row["rank"].plain,
                row["why"].plain,
            ]
        }
        return ([header] + lines).map { $0.map(Self.cell).joined(separator: ",") }.joined(separator: "\n")
    }

    /// Between which values the gap may lie.
    private static func range(of row: JSONValue) -> String {
        let (low, high) = (row["confidence"]["low"].plain, row["confidence"]["high"].plain)
        return low == high ? low : "\(low) to \(high)"
    }

    private static func cell(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") && $0 > 0x1F }
        return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
