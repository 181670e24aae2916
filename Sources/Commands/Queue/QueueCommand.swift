import ArgumentParser

/// `amenity queue`
struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Look after the job queue.",
        subcommands: [
            QueueStatusCommand.self, QueueTopCommand.self, QueueListCommand.self, QueueShowCommand.self,
            QueueRetryCommand.self, QueueCancelCommand.self, QueueDiscardCommand.self, QueuePauseCommand.self,
            QueueResumeCommand.self, QueueCapCommand.self, QueueUncapCommand.self, QueuePruneCommand.self,
            QueueScheduleCommand.self,
        ]
    )
}
