import ArgumentParser

/// `amenity evaluate search`
struct EvaluateSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Run the queries of a file against a service and say how many find what they should.",
        discussion: """
            The file's columns: id, ui_lang, query, expected_codes_any, required_attributes, must_not. A query is right when \
            a record of an expected kind with the required attributes is among the first five; where the catalogue holds no \
            such record, when its concepts were understood. Queries without an expected kind should find nothing.
            """
    )

    @Argument(help: "The CSV file of cases.")
    var file: String

    @Option(help: "Search around this park.")
    var park: String?

    @Flag(help: "Print one row a case.")
    var csv = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let cases = try CaseFile(path: file).cases.map(SearchCase.init)
        let client = try await server.connect()
        let terms = try await client.call("taxonomy.list", [:])
        let evaluation = try await SearchEvaluation(cases, park: park, terms: terms) { params in
            try await client.call("amenities.search", params)
        }
        guard !csv else {
            for line in evaluation.csv { Terminal.print(line) }
            return
        }
        Terminal.print(output.json ? evaluation.json.text : evaluation.text)
    }
}
