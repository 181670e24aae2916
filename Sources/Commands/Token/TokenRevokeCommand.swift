import Access
import ArgumentParser
import Postgres

/// `amenity token revoke`
struct TokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a token at once, and all that were narrowed from it."
    )

    @Argument(help: "The token's id, as `amenity token list` shows it.")
    var id: Int64

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let revoked = try await database.withPool { pool in
            try await Tokens(pool: pool).revoke(id, until: .after(.seconds(30)))
        }
        guard revoked > 0 else {
            throw CommandFailure(.notFound, "there is no valid token \(id): `amenity token list` shows them.")
        }
        let json: JSONValue = ["id": .integer(id), "revoked": true, "tokens": .integer(revoked)]
        Terminal.print(
            output.json
                ? json.text
                : "token \(id): valid -> revoked" + (revoked > 1 ? ", with \(revoked - 1) narrowed from it" : "")
        )
    }
}
