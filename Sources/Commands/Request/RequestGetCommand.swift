import ArgumentParser

/// `amenity request get`
struct RequestGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Read what became of a request."
    )

    @Argument(help: "The request's id.")
    var id: String

    @Argument(help: "The secret that came with it; not needed with a token that may read it.")
    var secret: String?

    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        var params = JSONObject()
        params.add("id", id)
        params.add("secret", secret)
        try await lookup.show("requests.get", params) { Self.sheet(of: $0).text }
    }

    private static func sheet(of record: JSONValue) -> FactSheet {
        var sheet = FactSheet()
        sheet.add("asked", record["text"].plain)
        sheet.add("status", record["status"].plain)
        let understood = record["understood"]
        sheet.add(
            "understood",
            (understood["categories"].elements + understood["attributes"].elements).map(\.plain)
                .joined(separator: ", ")
        )
        sheet.add("matches", record["matches"].elements.map(match))
        sheet.add("nearest else", record["nearest_alternative"]["name"]["text"].plain)
        sheet.add("timeline", timeline(of: record))
        sheet.add("job", job(of: record))
        return sheet
    }

    /// How far the work on it is, in a line.
    static func job(of record: JSONValue) -> String {
        let job = record["job"]
        let place = job["position"].int.map { $0 == 1 ? "next in line" : "\($0.grouped) in line" }
        let expected = job["expected_at"].isNull ? nil : "expected \(job["expected_at"].time)"
        return [job["state"].string, job["reason"].string, place, expected].compactMap(\.self).joined(separator: ", ")
    }

    /// One match in a line: name, score, reasons.
    static func match(_ match: JSONValue) -> String {
        let amenity = match["amenity"]
        let name = match["name"]["text"].string ?? amenity["name"]["text"].string ?? amenity.plain
        let reasons = match["reasons"].elements.map(\.plain).joined(separator: "; ")
        return reasons.isEmpty ? name : "\(name): \(reasons)"
    }

    /// What happened, one event a line.
    static func timeline(of record: JSONValue) -> [String] {
        record["timeline"].elements.map { event in
            let note = event["note"].string.map { ": \($0)" } ?? ""
            return "\(event["at"].time)  \(event["status"].plain)\(note)"
        }
    }
}
