import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue schedule remove`
struct QueueScheduleRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget a schedule. The jobs that it made stay.",
        discussion: "One that a program brought along does not come back by itself; `set` makes it anew."
    )

    @OptionGroup var schedule: ScheduleName
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let isRemoved = try await database.withPool { pool in
            try await ScheduleControl(pool: pool).remove(schedule.name)
        }
        guard isRemoved else { throw schedule.notFound }
        let json: JSONValue = ["name": .string(schedule.name), "removed": true]
        Terminal.print(output.json ? json.text : "schedule \(schedule.name): removed")
    }
}
