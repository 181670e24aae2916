import ArgumentParser

/// `amenity feedback get`
struct FeedbackGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Read what became of a feedback."
    )

    @Argument(help: "The feedback's id.")
    var id: String

    @Argument(help: "The secret that came with it; not needed with a token that may read it.")
    var secret: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var params = JSONObject()
        params.add("id", id)
        params.add("secret", secret)
        let record = try await server.connect().call("feedback.get", params.json)
        guard !output.json else { return Terminal.print(record.text) }
        var sheet = FactSheet()
        sheet.add("amenity", record["amenity"].plain)
        sheet.add("kind", record["kind"].plain)
        if let field = record["field"].string { sheet.add("correction", "\(field): \(record["value"].plain)") }
        sheet.add("stars", record["stars"].plain)
        sheet.add("status", record["status"].plain)
        sheet.add("reply", record["reply"].plain)
        sheet.add("timeline", RequestGetCommand.timeline(of: record))
        sheet.add("job", RequestGetCommand.job(of: record))
        Terminal.print(sheet.text)
    }
}
