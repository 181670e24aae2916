import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue list`
struct QueueListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List jobs, newest first.")

    @Option(help: "Only jobs in this state.")
    var state: JobState?

    @Option(help: "Only jobs of this kind.")
    var kind: String?

    @Option(help: "Only jobs of this park.")
    var park: String?

    @Option(help: ArgumentHelp("Only jobs below this id: the next page.", valueName: "id"))
    var before: Int64?

    @Option(help: "How many, up to 1000.")
    var limit = 50

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 1000") }
    }

    func run() async throws {
        let filter = JobControl.Filter(
            state: state,
            kind: kind,
            park: park,
            before: before,
            limit: limit
        )
        let page = try await database.withPool { pool in
            try await JobControl(pool: pool).list(filter, until: .after(.seconds(30)))
        }
        guard !output.json else { return Terminal.print(page.jobs.text) }
        let elements = try JSONValue(parsing: page.jobs.utf8).elements
        let table = TextTable(
            headings: ["id", "kind", "park", "state", "attempt", "run at", "last error"],
            rows: elements.map { job in
                [
                    job["id"].plain, job["kind"].plain, job["park"].plain, job["state"].plain, job["attempt"].plain,
                    String(job["run_at"].plain.prefix(19)), job["last_error"].plain.truncated(to: 60),
                ]
            },
            rightAligned: [0, 4]
        )
        Terminal.print(table.text)
        if let next = page.next { Terminal.note("More: add --before \(next)") }
    }
}

extension JobState: ExpressibleByArgument {}
