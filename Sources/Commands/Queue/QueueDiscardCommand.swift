import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue discard`
struct QueueDiscardCommand: JobChangeCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Forget a dead or cancelled job for good."
    )

    static func newState(after state: String) -> String { "gone" }

    @Argument(help: "The job's id.")
    var id: Int64

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    static func refusal(_ state: String) -> String {
        switch state {
        case "done": "finished jobs are kept as evidence of what was done."
        default: "cancel it first, or wait for its end."
        }
    }

    func change(_ control: JobControl, until deadline: Deadline) async throws(PostgresError) -> JobControl.Outcome? {
        try await control.discard(id, until: deadline)
    }
}
