import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue cancel`
struct QueueCancelCommand: JobChangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Take a job that waits out of the queue, or have one stopped that runs.",
        discussion: """
            A running job's handler is told within a second and its work is undone; one that ends meanwhile is done all the \
            same.
            """
    )

    static func newState(after state: String) -> String { state == "running" ? "cancelling" : "cancelled" }

    @Argument(help: "The job's id.")
    var id: Int64

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    static func refusal(_ state: String) -> String {
        switch state {
        case "running": "it has been told to stop already."
        default: "it has ended already."
        }
    }

    func change(_ control: JobControl, until deadline: Deadline) async throws(PostgresError) -> JobControl.Outcome? {
        try await control.cancel(id, until: deadline)
    }
}
