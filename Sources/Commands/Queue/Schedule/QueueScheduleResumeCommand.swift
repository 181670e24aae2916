import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue schedule resume`
struct QueueScheduleResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let a paused schedule fire again.",
        discussion: """
            What was due during the pause is not made up for. Resuming one that is not paused changes nothing and is no error.
            """
    )

    @OptionGroup var schedule: ScheduleName
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let pause = try await database.withPool { pool in
            try await ScheduleControl(pool: pool).resume(schedule.name)
        }
        guard let pause else { throw schedule.notFound }
        let json: JSONValue = [
            "name": .string(schedule.name), "paused": false, "changed": .boolean(pause.isChanged),
            "since": .optional(pause.since),
        ]
        let words = pause.since.map { "paused since \($0) -> running" } ?? "was not paused"
        Terminal.print(output.json ? json.text : "schedule \(schedule.name): \(words)")
    }
}
