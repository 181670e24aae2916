import ArgumentParser

/// `amenity token`
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Give out tokens and take them back.",
        subcommands: [
            TokenCreateCommand.self, TokenNarrowCommand.self, TokenRotateCommand.self, TokenListCommand.self,
            TokenRevokeCommand.self,
        ]
    )
}
