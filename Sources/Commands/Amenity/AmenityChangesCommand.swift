import ArgumentParser

/// `amenity changes`
struct AmenityChangesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "changes",
        abstract: "List the amenities that have changed or gone, in order.",
        discussion: "The note at the end says where to go on: amenity changes --since TOKEN"
    )

    @Option(help: ArgumentHelp("Where an earlier list ended, or a time such as 2026-10-10T09:30.", valueName: "token"))
    var since: String?

    @Option(help: "The most rows, up to 1000.")
    var limit: Int?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var params = JSONObject()
        params.add("since", since)
        params.add("limit", limit)
        let result = try await server.connect().call("amenities.changes", params.json)
        guard !output.json else { return Terminal.print(result.text) }
        Terminal.print(Self.table(of: result).text)
        Terminal.note("Later: --since \(result["until"].plain)")
    }

    static func table(of result: JSONValue) -> TextTable {
        TextTable(
            headings: ["when", "what", "amenity"],
            rows: result["items"].elements.map { item in
                [item["at"].time, item["kind"].plain, item["slug"].plain]
            }
        )
    }
}
