import ArgumentParser

/// `amenity feedback submit`
struct FeedbackSubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Rate an amenity, comment on it or correct it.",
        discussion: """
            Examples:
              amenity feedback submit jiaxing-first-hospital --stars 4 --text "Friendly desk"
              amenity feedback submit jiaxing-first-hospital --correct phone=+8657312345678
            """
    )

    @Argument(help: "The amenity's id or slug.")
    var amenity: String

    @Option(help: "A comment.")
    var text: String?

    @Option(help: "From 1 to 5.")
    var stars: Int?

    @Option(help: ArgumentHelp("What is right instead.", valueName: "field=value"))
    var correct: String?

    @Option(help: "The language of the text.")
    var lang: String?

    @Option(help: ArgumentHelp("Your country, such as DE.", valueName: "code"))
    var nationality: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var params = JSONObject()
        params.add("amenity", amenity)
        params.add("text", text)
        params.add("stars", stars)
        if let correct {
            let parts = correct.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw CommandFailure(.usage, "\"\(correct)\" is no correction: write --correct field=value.")
            }
            params.add("correction", ["field": .string(parts[0]), "value": .string(parts[1])])
        }
        params.add("lang", lang)
        params.add("nationality", nationality)
        let receipt = try await server.write("feedback.submit", params)
        guard !output.json else { return Terminal.print(receipt.text) }
        Terminal.print("\(receipt["id"].plain) \(receipt["secret"].plain)")
        Terminal.note("\(receipt["status"].plain). Keep both words; what became of it: amenity feedback get ID SECRET")
    }
}
