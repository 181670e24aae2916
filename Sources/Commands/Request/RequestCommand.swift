import ArgumentParser

/// `amenity request`
struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for something and read the answer.",
        subcommands: [RequestSubmitCommand.self, RequestGetCommand.self]
    )
}
