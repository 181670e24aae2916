import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue retry`
struct QueueRetryCommand: JobChangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run a job at once that waits, or once more that is dead or cancelled."
    )

    static func newState(after state: String) -> String { "ready" }

    @Argument(help: "The job's id.")
    var id: Int64

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    static func refusal(_ state: String) -> String {
        switch state {
        case "ready": "it runs as soon as a worker is free, and neither its kind nor its park is paused."
        case "dead", "cancelled": "another job has taken its unique key meanwhile."
        default: "only a job that waits, is dead or was cancelled can be retried."
        }
    }

    func change(_ control: JobControl, until deadline: Deadline) async throws(PostgresError) -> JobControl.Outcome? {
        try await control.retry(id, until: deadline)
    }
}
