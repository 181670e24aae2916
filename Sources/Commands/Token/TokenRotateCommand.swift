import Access
import ArgumentParser
import Postgres

/// `amenity token rotate`
struct TokenRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace a token by a new one that may do the same, and print that.",
        discussion: "The old one goes on for a while, so that its holder can change over in peace."
    )

    @Argument(help: "The token's id, as `amenity token list` shows it.")
    var id: Int64

    @Option(help: "Hours for which the old one goes on.")
    var overlapHours = 24

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...720).contains(overlapHours) else {
            throw ValidationError("--overlap-hours is a number from 0 to 720")
        }
    }

    func run() async throws {
        let given = try await database.withPool { pool in
            try await Tokens(pool: pool).rotate(id, overlap: overlapHours * 3600, until: .after(.seconds(30)))
        }
        given.show(output)
    }
}
