import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue show`
struct QueueShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that is known of one job."
    )

    @Argument(help: "The job's id.")
    var id: Int64

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let job = try await database.withPool { pool in
            try await QueueInspector(pool: pool).job(id, until: .after(.seconds(30)))
        }
        guard let job else {
            throw CommandFailure(.notFound, "there is no job \(id): `amenity queue list` shows them.")
        }
        Terminal.print(output.json ? job.text : try JSONValue(parsing: job.utf8).prettyText)
    }
}
