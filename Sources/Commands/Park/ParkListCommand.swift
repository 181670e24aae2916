import ArgumentParser

/// `amenity park list`
struct ParkListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the parks with what is within their reach."
    )

    @Option(help: ArgumentHelp("Only parks with this partner country, such as DE.", valueName: "code"))
    var country: String?

    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        var params = JSONObject()
        params.add("country", country)
        try await lookup.show("parks.list", params) { Self.table(of: $0).text }
    }

    /// The parks as a table.
    static func table(of result: JSONValue) -> TextTable {
        TextTable(
            headings: ["park", "name", "partners", "county", "places"],
            rows: result["items"].elements.map { park in
                var places = 0
                if case .object(let counts) = park["counts"] { places = counts.reduce(0) { $0 + ($1.value.int ?? 0) } }
                return [
                    park["id"].plain, park["name"]["text"].plain,
                    park["countries"].elements.map(\.plain).joined(separator: " "), park["county"]["name"].plain,
                    String(places),
                ]
            },
            rightAligned: [4]
        )
    }
}
