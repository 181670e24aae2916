import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue schedule list`
struct QueueScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the schedules, with what they fire next and what became of the last job.",
        discussion: "Times are in UTC."
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let schedules = try await database.withPool { pool in try await ScheduleControl(pool: pool).list() }
        guard !output.json else { return Terminal.print(schedules.text) }
        let elements = try JSONValue(parsing: schedules.utf8).elements
        let table = TextTable(
            headings: ["name", "cron", "zone", "kind", "park", "next", "last", "job", "state"],
            rows: elements.map { schedule in
                let next = schedule["paused"] == true ? "paused" : String(schedule["next_due_at"].plain.prefix(16))
                return [
                    schedule["name"].plain, schedule["cron"].plain, schedule["zone"].plain, schedule["kind"].plain,
                    schedule["park"].plain, next, String(schedule["last_due_at"].plain.prefix(16)),
                    schedule["last_job"].plain, schedule["last_job_state"].plain,
                ]
            }
        )
        Terminal.print(table.text)
        for schedule in elements where !schedule["trouble"].isNull {
            Terminal.note("\(schedule["name"].plain) can't be fired: \(schedule["trouble"].plain)")
        }
    }
}
