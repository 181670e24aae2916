import Access
import ArgumentParser
import Postgres

/// `amenity token list`
struct TokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tokens, without their secrets."
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let list = try await database.withPool { try await Tokens(pool: $0).list(until: .after(.seconds(30))) }
        guard !output.json else { return Terminal.print(list.text) }
        let table = TextTable(
            headings: [
                "id", "name", "role", "parks", "scopes", "networks", "certificate", "from", "created", "expires",
                "revoked",
            ],
            rows: try JSONValue(parsing: list.utf8).elements.map { token in
                [
                    token["id"].plain, token["name"].plain, token["role"].plain,
                    Self.words(token["parks"]), token["scopes"].isNull ? "all" : Self.words(token["scopes"]),
                    token["networks"].isNull ? "all" : Self.words(token["networks"]), token["certificate"].plain,
                    (token["narrowed_from"].isNull ? token["rotated_from"] : token["narrowed_from"]).plain,
                    Self.day(token["created_at"]),
                    token["expires_at"].isNull ? "never" : Self.day(token["expires_at"]), Self.day(token["revoked_at"]),
                ]
            },
            rightAligned: [0]
        )
        Terminal.print(table.text)
    }

    private static func words(_ list: JSONValue) -> String { list.elements.map(\.plain).joined(separator: " ") }

    private static func day(_ time: JSONValue) -> String { String(time.plain.prefix(10)) }
}
