import ArgumentParser

/// `amenity compare`
struct AmenityCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Set two to four amenities side by side."
    )

    @Argument(help: "Their ids or slugs.")
    var ids: [String]

    @Option(help: "The park to measure from.")
    var park: String?

    @OptionGroup var viewer: ViewerOptions
    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        var params = JSONObject()
        params.add("ids", ids)
        params.add("park", park)
        viewer.add(to: &params)
        try await lookup.show("amenities.compare", params) { Self.table(of: $0).text }
    }

    /// One fact a row, `*` where they differ.
    static func table(of result: JSONValue) -> TextTable {
        TextTable(
            headings: ["", ""] + result["items"].elements.map { $0["name"]["text"].plain.truncated(to: 32) },
            rows: result["rows"].elements.map { row in
                [row["differs"] == true ? "*" : "", row["label"].plain]
                    + row["values"].elements.map { $0.string ?? "not known" }
            }
        )
    }
}
