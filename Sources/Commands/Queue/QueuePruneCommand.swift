import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue prune`
struct QueuePruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete what is kept of jobs that ended long ago, and unique keys that have expired.",
        discussion: """
            Jobs that wait or run are never touched. It works in small batches, so it may run beside the workers and be \
            interrupted.
            """
    )

    @Option(help: ArgumentHelp("Only jobs that ended more than so many days ago.", valueName: "days"))
    var olderThan = 30

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...36_500).contains(olderThan) else {
            throw ValidationError("--older-than is a number of days from 1 to 36500")
        }
    }

    func run() async throws {
        let pruned = try await database.withPool { pool in
            try await QueuePruner(pool: pool).prune(olderThan: .seconds(86_400 * olderThan))
        }
        let json: JSONValue = [
            "older_than_days": .integer(olderThan), "outcomes": .integer(pruned.outcomes),
            "done": .integer(pruned.done), "dead": .integer(pruned.dead), "cancelled": .integer(pruned.cancelled),
            "unique_keys": .integer(pruned.keys),
        ]
        Terminal.print(
            output.json
                ? json.text
                : "deleted \(pruned.outcomes) outcomes older than \(olderThan) days (\(pruned.done) done, "
                    + "\(pruned.dead) dead, \(pruned.cancelled) cancelled) and \(pruned.keys) expired unique keys"
        )
    }
}
