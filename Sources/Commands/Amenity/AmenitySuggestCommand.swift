import ArgumentParser

/// `amenity suggest`
struct AmenitySuggestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest",
        abstract: "Show what a word that is being typed may become.",
        discussion: "Example: amenity suggest --lang ja びょう"
    )

    @Argument(help: "The beginning of a word, in any script.")
    var prefix: String

    @Option(help: "The park that names are looked for around.")
    var park: String?

    @Option(help: "The most suggestions, up to 20.")
    var limit: Int?

    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        var params = JSONObject()
        params.add("prefix", prefix)
        params.add("park", park)
        params.add("limit", limit)
        try await lookup.show("amenities.suggest", params) { Self.table(of: $0).text }
    }

    static func table(of result: JSONValue) -> TextTable {
        TextTable(
            headings: ["suggestion", "what", "code or id"],
            rows: result["items"].elements.map { item in
                let code = item["slug"].string ?? item["code"].plain
                return [item["text"].plain, item["category_label"].string ?? item["kind"].plain, code]
            }
        )
    }
}
