import ArgumentParser

/// `amenity card`
struct AmenityCardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card",
        abstract: "Show what to hold up to a driver: an amenity in Chinese.",
        discussion: "With --kind contact it prints a vCard to keep."
    )

    @Argument(help: "The amenity's id or slug.")
    var id: String

    @Option(help: "taxi or contact.")
    var kind: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var params = Params()
        params.add("id", id)
        params.add("kind", kind)
        params.add("_meta", language.meta)
        let card = try await server.connect().call("amenities.card", params.json)
        guard !output.json else { return Terminal.print(card.text) }
        if let vCard = card["vcard"].string { return Terminal.print(vCard) }
        Terminal.note(card["hint"].plain)
        Terminal.print(card["lines"].elements.map(\.plain).joined(separator: "\n"))
    }
}
