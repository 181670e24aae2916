import ArgumentParser
import JobQueue

/// `amenity queue schedule`
struct QueueScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Look after jobs that are enqueued again and again, by lines of cron.",
        discussion: """
            Every worker process fires what is due; each due time makes one job, however many there are. Deleting a job, \
            or pausing its kind, changes nothing of the schedule.
            """,
        subcommands: [
            QueueScheduleListCommand.self, QueueScheduleSetCommand.self, QueueScheduleRemoveCommand.self,
            QueueSchedulePauseCommand.self, QueueScheduleResumeCommand.self,
        ]
    )
}

/// The argument that says which entry of the schedule is meant.
struct ScheduleName: ParsableArguments {
    @Argument(help: "The schedule's name, such as prune.")
    var name: String

    func validate() throws {
        guard Schedule.isName(name) else {
            throw ValidationError(
                "a schedule's name has up to 63 of a-z, 0-9, '.', '_' and '-', and begins with a letter or digit"
            )
        }
    }

    /// What to say when there is none of the name.
    var notFound: CommandFailure {
        CommandFailure(.notFound, "there is no schedule \(name): `amenity queue schedule list` shows them.")
    }
}
