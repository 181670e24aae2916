import Access
import ArgumentParser
import Postgres

/// `amenity audit list`
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List who did what, the newest first."
    )

    @Option(help: "Only this act, such as token.create or auth.refused.")
    var act: String?

    @Option(help: "Only what this caller did.")
    var actor: String?

    @Option(help: "Only entries below this number: the next page.")
    var below: Int64?

    @Option(help: "How many, 1 to 1000.")
    var limit = 50

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 1000") }
    }

    func run() async throws {
        let list = try await database.withPool { pool in
            try await Audit(pool: pool).list(
                act: act,
                actor: actor,
                below: below,
                limit: limit,
                until: .after(.seconds(30))
            )
        }
        guard !output.json else { return Terminal.print(list.text) }
        let table = TextTable(
            headings: ["number", "at", "actor", "role", "act", "object", "request"],
            rows: try JSONValue(parsing: list.utf8).elements.map { entry in
                ["number", "at", "actor", "role", "act", "object", "request_id"].map { entry[$0].plain }
            },
            rightAligned: [0]
        )
        Terminal.print(table.text)
    }
}
