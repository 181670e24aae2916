import ArgumentParser

/// `amenity park`
struct ParkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "park",
        abstract: "Look at the parks.",
        subcommands: [ParkListCommand.self, ParkGetCommand.self]
    )
}
