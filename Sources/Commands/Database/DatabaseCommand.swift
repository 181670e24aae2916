import ArgumentParser

/// `amenity db`
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "Set the database up and check it.",
        subcommands: [
            DatabaseMigrateCommand.self, DatabaseStatusCommand.self, DatabaseCheckCommand.self,
            DatabaseSeedCommand.self,
        ]
    )
}
