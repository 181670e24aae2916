import ArgumentParser

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

    @Option(help: ArgumentHelp("The point to search around, in WGS-84.", valueName: "lat,lon"))
    var near: String?

    @Option(help: ArgumentHelp("How far, in metres.", valueName: "metres"))
    var radius: Int?

    @Option(name: .customLong("category"), help: ArgumentHelp("A category's code; may be repeated.", valueName: "code"))
    var categories: [String] = []

    @Option(
        name: .customLong("attribute"),
        help: ArgumentHelp("An attribute's code; may be repeated.", valueName: "code")
    )
    var attributes: [String] = []

    @Option(help: "The most rows of a page, up to 100.")
    var limit: Int?

    @Option(help: "Where the page begins, as the page before said.")
    var cursor: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let params = try params()
        let result = try await server.connect().call("amenities.search", params)
        guard !output.json else { return Terminal.print(result.text) }
        Terminal.print(Self.table(of: result).text)
        if let next = result["_meta"]["next"].string { Terminal.note("More: add --cursor \(next)") }
    }

    private func params() throws -> JSONValue {
        var params = Params()
        params.add("park", park)
        if let near {
            let parts = near.split(separator: ",").compactMap { Double($0) }
            guard parts.count == 2 else {
                throw CommandFailure(.usage, "\"\(near)\" is no point: give --near as LAT,LON, such as 30.76,120.75.")
            }
            params.add("near", ["lat": .fraction(parts[0]), "lon": .fraction(parts[1])])
        }
        params.add("radius_m", radius)
        params.add("q", words.isEmpty ? nil : words.joined(separator: " "))
        params.add("categories", categories)
        params.add("attributes", attributes)
        params.add("limit", limit)
        params.add("cursor", cursor)
        params.add("_meta", language.meta)
        return params.json
    }

    /// The amenities found as a table.
    static func table(of result: JSONValue) -> TextTable {
        TextTable(
            headings: ["name", "on the sign", "category", "distance", "languages", "phone", "id"],
            rows: result["items"].elements.map { item in
                [
                    item["name"]["text"].plain.truncated(to: 44), item["name_local"]["text"].plain.truncated(to: 36),
                    item["category_label"].plain, distance(of: item),
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
