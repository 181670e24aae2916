import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue cancel`
struct QueueCancelCommand: JobChangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Take a job out of the queue that waits."
    )

    static let newState = "cancelled"

    @Argument(help: "The job's id.")
    var id: Int64

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    static func refusal(_ state: String) -> String {
        switch state {
        case "running": "wait for its end."
        default: "it has ended already."
        }
    }

    func change(_ control: JobControl, until deadline: Deadline) async throws(PostgresError) -> JobControl.Outcome? {
        try await control.cancel(id, until: deadline)
    }
}
