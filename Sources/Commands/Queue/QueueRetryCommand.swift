import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue retry`
struct QueueRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run a job at once that waits, or once more that is dead or cancelled; with --dead, all dead ones.",
        discussion: """
            A job that comes back has a clean count of attempts and crashes. It comes back only while no other job holds its \
            unique key; with --dead, those that can't are counted, and the exit code is 7.
            """
    )

    @Argument(help: "The job's id.")
    var id: Int64?

    @Flag(help: "Every job that is dead now, the oldest first, in small batches.")
    var dead = false

    @Option(help: "With --dead: only jobs of this kind.")
    var kind: String?

    @Option(help: "With --dead: only jobs of this park.")
    var park: String?

    @Option(help: ArgumentHelp("With --dead: no more than so many.", valueName: "jobs"))
    var limit: Int?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        switch (id, dead) {
        case (nil, false): throw ValidationError("name a job by its id, or say --dead for all that are dead")
        case (_?, true): throw ValidationError("give the id of one job, or --dead for all that are dead, not both")
        case (_?, false):
            guard kind == nil, park == nil, limit == nil else {
                throw ValidationError("--kind, --park and --limit choose among many jobs: they go with --dead")
            }
        case (nil, true):
            if kind?.isEmpty == true || park?.isEmpty == true { throw ValidationError("an empty name names nothing") }
            if let limit, limit < 1 { throw ValidationError("--limit is a number of jobs, 1 or more") }
        }
    }

    func run() async throws {
        if let id {
            try await SingleRetry(id: id, database: database, output: output).run()
        } else {
            try await redrive()
        }
    }

    private func redrive() async throws {
        let redriven = try await database.withPool { pool in
            try await JobControl(pool: pool).redrive(kind: kind, park: park, limit: limit ?? .max)
        }
        let json: JSONValue = ["retried": .integer(redriven.retried), "held": .integer(redriven.held)]
        Terminal.print(output.json ? json.text : "\(redriven.retried) dead jobs: dead -> ready")
        guard redriven.held == 0 else {
            throw CommandFailure(
                .partial,
                "\(redriven.held) dead jobs stay dead, since another job holds the unique key of each. Try again when those "
                    + "have ended, or forget the dead ones: `amenity queue list --state dead`, `amenity queue discard`."
            )
        }
    }
}

/// The change of one job.
private struct SingleRetry: JobChange {
    let id: Int64
    let database: DatabaseOptions
    let output: OutputOptions

    static func newState(after state: String) -> String { "ready" }

    static func refusal(_ state: String) -> String {
        switch state {
        case "ready": "it runs as soon as a worker is free and nothing holds it: `amenity queue show` says what does."
        case "dead", "cancelled": "another job has taken its unique key meanwhile."
        default: "only a job that waits, is dead or was cancelled can be retried."
        }
    }

    func change(_ control: JobControl, until deadline: Deadline) async throws(PostgresError) -> JobControl.Outcome? {
        try await control.retry(id, until: deadline)
    }
}
