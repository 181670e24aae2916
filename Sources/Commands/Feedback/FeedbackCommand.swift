import ArgumentParser

/// `amenity feedback`
struct FeedbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback",
        abstract: "Say something about an amenity and read what became of it.",
        subcommands: [FeedbackSubmitCommand.self, FeedbackGetCommand.self]
    )
}
