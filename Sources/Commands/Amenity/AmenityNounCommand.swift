import ArgumentParser

/// `amenity amenity`: the noun for those who expect `NOUN VERB` here too.
struct AmenityNounCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amenity",
        abstract: "Search the amenities and look at one.",
        shouldDisplay: false,
        subcommands: [
            AmenitySearchCommand.self, AmenityGetCommand.self, AmenitySuggestCommand.self, AmenityCompareCommand.self,
            AmenityCardCommand.self, AmenityChangesCommand.self,
        ]
    )
}
