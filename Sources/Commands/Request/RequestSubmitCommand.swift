import ArgumentParser

/// `amenity request submit`
struct RequestSubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Ask for something in your own words.",
        discussion: "Example: amenity request submit --park jx-de \"German-speaking dentist near Jiaxing\""
    )

    @Argument(help: "What is asked for.")
    var text: String

    @Option(help: "The park it is for.")
    var park: String?

    @Option(help: ArgumentHelp("The asker's country, such as DE.", valueName: "code"))
    var nationality: String?

    @Option(help: "How to reach the asker; shown to staff only.")
    var contact: String?

    @Option(name: .customLong("category"), help: ArgumentHelp("A category's code; may be repeated.", valueName: "code"))
    var categories: [String] = []

    @Option(
        name: .customLong("attribute"),
        help: ArgumentHelp("An attribute's code; may be repeated.", valueName: "code")
    )
    var attributes: [String] = []

    @Option(help: "The language of the text.")
    var lang: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var params = JSONObject()
        params.add("text", text)
        params.add("park", park)
        params.add("lang", lang)
        params.add("nationality", nationality)
        params.add("contact", contact)
        params.add("categories", categories)
        params.add("attributes", attributes)
        let receipt = try await server.write("requests.submit", params)
        guard !output.json else { return Terminal.print(receipt.text) }
        Terminal.print("\(receipt["id"].plain) \(receipt["secret"].plain)")
        Terminal.note("\(receipt["status"].plain). Keep both words; the answer: amenity request get ID SECRET")
    }
}
