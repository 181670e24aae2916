import ArgumentParser

/// `amenity version`
struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print which version this is."
    )

    /// Raised with every release.
    static let number = "0.1.0"

    private static var schema: String { Migration.all.last?.name ?? "none" }

    /// What `amenity --version` prints too.
    static var text: String { "amenity \(number), schema \(schema)" }

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let json: JSONValue = ["version": .string(Self.number), "schema": .string(Self.schema)]
        Terminal.print(output.json ? json.text : Self.text)
    }
}
