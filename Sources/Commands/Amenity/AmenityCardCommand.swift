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

    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        var params = JSONObject()
        params.add("id", id)
        params.add("kind", kind)
        try await lookup.show("amenities.card", params) { card in
            if let vCard = card["vcard"].string { return vCard }
            Terminal.note(card["hint"].plain)
            return card["lines"].elements.map(\.plain).joined(separator: "\n")
        }
    }
}
