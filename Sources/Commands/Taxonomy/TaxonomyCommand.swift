import ArgumentParser

/// `amenity taxonomy`
struct TaxonomyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "taxonomy",
        abstract: "List the kinds of place and the attributes they may have.",
        discussion: "Example: amenity taxonomy --parent edu --lang de"
    )

    @Option(help: "category or attribute.")
    var kind: String?

    @Option(help: ArgumentHelp("Only what lies directly below this code.", valueName: "code"))
    var parent: String?

    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        var params = JSONObject()
        params.add("kind", kind)
        params.add("parent", parent)
        try await lookup.show("taxonomy.list", params) { Self.table(of: $0).text }
    }

    static func table(of result: JSONValue) -> TextTable {
        TextTable(
            headings: ["code", "label", "places"],
            rows: result["items"].elements.map { [$0["code"].plain, $0["label"].plain, $0["count"].plain] },
            rightAligned: [2]
        )
    }
}
