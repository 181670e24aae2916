import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue schedule pause`
struct QueueSchedulePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Let a schedule fire no more until it is resumed.",
        discussion: "When the command returns, nothing more is enqueued. Pausing again changes nothing."
    )

    @OptionGroup var schedule: ScheduleName
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let pause = try await database.withPool { pool in
            try await ScheduleControl(pool: pool).pause(schedule.name)
        }
        guard let pause else { throw schedule.notFound }
        let json: JSONValue = [
            "name": .string(schedule.name), "paused": true, "changed": .boolean(pause.isChanged),
            "since": .optional(pause.since),
        ]
        let words = pause.isChanged ? "running -> paused" : "paused already, since \(pause.since ?? "long")"
        Terminal.print(output.json ? json.text : "schedule \(schedule.name): \(words)")
    }
}
