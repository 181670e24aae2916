import Access
import ArgumentParser
import Postgres

/// `amenity token narrow`
struct TokenNarrowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "narrow",
        abstract: "Make a token that may do a part of what another may, and print it.",
        discussion: """
            It expires and is revoked with the other one. What is not said stays the same.
            """
    )

    @Argument(help: "The other token's id, as `amenity token list` shows it.")
    var id: Int64

    @Option(help: "Whom it is for.")
    var name: String?

    @OptionGroup var grant: GrantOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !grant.parks.isEmpty || grant.scopes != nil || !grant.networks.isEmpty || grant.days != nil else {
            throw ValidationError("say what makes it narrower: --park, --scope, --network or --days")
        }
    }

    func run() async throws {
        let deadline = Deadline.after(.seconds(30))
        let given = try await database.withPool { pool in
            try await grant.checkParks(in: pool, until: deadline)
            return try await Tokens(pool: pool).narrow(
                id,
                name: name,
                parks: grant.parks.isEmpty ? nil : grant.parks,
                scopes: grant.scopes,
                networks: grant.networks.isEmpty ? nil : grant.networks,
                life: grant.life,
                until: deadline
            )
        }
        given.show(output)
    }
}
