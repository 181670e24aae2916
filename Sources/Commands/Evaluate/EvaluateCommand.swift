import ArgumentParser

/// `amenity evaluate`
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Run the cases of a file and say how many come out as expected.",
        subcommands: [EvaluateSearchCommand.self, EvaluateDatumCommand.self]
    )
}
