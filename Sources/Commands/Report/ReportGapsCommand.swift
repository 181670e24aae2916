import ArgumentParser

/// `amenity report gaps`
struct ReportGapsCommand: AsyncParsableCommand {
    /// How the report is written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case csv
        case json
    }

    static let configuration = CommandConfiguration(
        commandName: "gaps",
        abstract: "Compare what residents need with what is within their reach."
    )

    @Option(help: "Only this park.")
    var park: String?

    @Option(help: ArgumentHelp("Only residents of this nationality, such as JP.", valueName: "code"))
    var nationality: String?

    @Option(
        name: .customLong("category"),
        help: ArgumentHelp("Only this root category, such as edu; may be repeated.", valueName: "code")
    )
    var categories: [String] = []

    @Option(help: "text, csv or json.")
    var format = Format.text

    @Flag(help: "The same as --format json.")
    var json = false

    @OptionGroup var language: LanguageOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
        var params = JSONObject()
        params.add("park", park)
        params.add("nationality", nationality)
        params.add("categories", categories)
        params.add("_meta", language.meta)
        let result = try await server.connect().call("reports.gaps", params.json)
        switch json ? .json : format {
        case .json: Terminal.print(result.text)
        case .csv: Terminal.print(GapTable(result).csv)
        case .text: Terminal.print(GapTable(result).table(showsWhere: park == nil || nationality == nil).text)
        }
    }
}
