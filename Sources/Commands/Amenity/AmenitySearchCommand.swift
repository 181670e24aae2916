import ArgumentParser
import Catalog

/// `amenity search`, also `amenity amenity search`
struct AmenitySearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find amenities near a park or a point.",
        discussion: "Example: amenity search --park jx-jp --lang ja 病院"
    )

    @Argument(help: "Words in any of the eight languages.")
    var words: [String] = []

    @Option(help: "The park to search around.")
    var park: String?

    @Option(help: ArgumentHelp("The point to search around.", valueName: "lat,lon"))
    var near: String?

    @Option(help: "What the point is given in; without it, wgs84.")
    var datum: Datum?

    @Option(help: ArgumentHelp("How far, in metres.", valueName: "metres"))
    var radius: Int?

    @Option(name: .customLong("category"), help: ArgumentHelp("A category's code; may be repeated.", valueName: "code"))
    var categories: [String] = []

    @Option(
        name: .customLong("attribute"),
        help: ArgumentHelp("An attribute's code; may be repeated.", valueName: "code")
    )
    var attributes: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only places known to be open then: now, or a time such as 2026-10-10T09:30.",
            valueName: "time"
        )
    )
    var openAt: String?

    @Option(help: ArgumentHelp("Only places that somebody has confirmed within so many days.", valueName: "days"))
    var verifiedWithin: Int?

    @Option(help: "relevance, distance, name or freshness.")
    var sort: String?

    @Option(
        name: .customLong("facet"),
        help: ArgumentHelp("Count by category, attribute or region; may be repeated.", valueName: "facet")
    )
    var facets: [String] = []

    @Option(help: "The most rows of a page, up to 100.")
    var limit: Int?

    @Option(help: "Where the page begins, as the page before said.")
    var cursor: String?

    @OptionGroup var viewer: ViewerOptions
    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        let result = try await lookup.call("amenities.search", params())
        guard !lookup.output.json else { return Terminal.print(result.text) }
        Terminal.print(Self.table(of: result).text)
        for line in Self.notes(on: result) { Terminal.note(line) }
        if let next = result["_meta"]["next"].string { Terminal.note("More: add --cursor \(next)") }
    }

    private func params() throws -> JSONObject {
        var params = JSONObject()
        params.add("park", park)
        if let near {
            params.add("near", try Self.point(near, datum))
        }
        params.add("radius_m", radius)
        params.add("q", words.isEmpty ? nil : words.joined(separator: " "))
        params.add("categories", categories)
        params.add("attributes", attributes)
        viewer.add(to: &params)
        params.add("open_at", openAt)
        params.add("verified_within_days", verifiedWithin)
        params.add("sort", sort)
        params.add("facets", facets)
        params.add("limit", limit)
        params.add("cursor", cursor)
        return params
    }

    private static func point(_ text: String, _ datum: Datum?) throws -> JSONValue {
        do throws(CoordinateTextError) {
            let point = try Coordinate(parsing: text, datum: datum ?? .wgs84)
            return [
                "lat": .fraction(point.latitude), "lon": .fraction(point.longitude),
                "datum": .string(point.datum.rawValue),
            ]
        } catch {
            throw CommandFailure(.usage, "--near \"\(text)\" is no point: \(error).")
        }
    }

    /// What was understood, what was counted, and what to look for where nothing was found.
    static func notes(on result: JSONValue) -> [String] {
        var notes: [String] = []
        let understood = result["understood"]
        let refused = Set(understood["excluded"].elements.map(\.plain))
        let labels = understood["labels"].members.map {
            refused.contains($0.name) ? "not \($0.value.plain)" : $0.value.plain
        }
        let place = understood["place_name"].string.map { ["in or near \($0)"] } ?? []
        let text = understood["text"].string.flatMap { $0.isEmpty ? nil : "the words \"\($0)\"" }
        let parts = labels + place + [text].compactMap { $0 }
        if !parts.isEmpty { notes.append("Understood: " + parts.joined(separator: ", ")) }
        for facet in result["facets"].members {
            let counts = facet.value.members.prefix(12).map { "\($0.name) \($0.value.plain)" }
            notes.append("By \(facet.name): " + counts.joined(separator: ", "))
        }
        let suggestions = result["suggestions"].elements.map { $0["text"].plain }
        if !suggestions.isEmpty { notes.append("Nothing found. Try: " + suggestions.joined(separator: ", ")) }
        return notes
    }

    /// The amenities found as a table.
    static func table(of result: JSONValue) -> TextTable {
        TextTable(
            headings: ["name", "on the sign", "category", "distance", "open", "languages", "phone", "id"],
            rows: result["items"].elements.map { item in
                [
                    item["name"]["text"].plain.truncated(to: 44), item["name_local"]["text"].plain.truncated(to: 36),
                    item["category_label"].plain, distance(of: item), item["open"]["state"].plain,
                    item["languages"].elements.map(\.plain).joined(separator: " "), item["phone"].plain,
                    item["slug"].string ?? item["id"].plain,
                ]
            },
            rightAligned: [3]
        )
    }

    /// How far the amenity is; where it lies only by county, that county.
    static func distance(of item: JSONValue) -> String {
        guard let metres = item["distance_m"].double else { return "in \(item["area"]["name"].plain)" }
        return metres < 950 ? "\(Int(metres.rounded())) m" : "\(Int((metres / 1000).rounded())) km"
    }
}
