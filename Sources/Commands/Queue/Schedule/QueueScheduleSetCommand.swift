import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue schedule set`
struct QueueScheduleSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Make a schedule, or change one; what is not named keeps its value.",
        discussion: """
            --cron takes five fields, minute, hour, day of month, month and day of week, with names (MON, JAN), ranges, \
            steps (*/15) and lists, or @hourly, @daily, @weekly, @monthly, @yearly. Where both day fields are restricted, a \
            day counts if either admits it. A new line or zone fires what is due from now on, never the past.

            Where the clock is put forward, a time that it skips fires right after the gap; where it is put back, a time \
            that it shows twice fires the first time. A line that admits every hour fires whenever the clock shows a minute \
            that it names.

            Each job's payload gets a member _schedule besides, with the schedule's name and the job's due_at.
            """
    )

    @OptionGroup var schedule: ScheduleName

    @Option(
        help: ArgumentHelp("When to fire, such as '30 2 * * MON-FRI'; a new schedule needs one.", valueName: "line")
    )
    var cron: String?

    @Option(help: "The time zone of the line, such as Europe/Berlin (UTC for a new schedule).")
    var zone: String?

    @Option(help: "The kind of the jobs; a new schedule needs one.")
    var kind: String?

    @Option(help: ArgumentHelp("The payload of the jobs, a JSON object ({} for a new schedule).", valueName: "json"))
    var payload: String?

    @Option(help: "The park of the jobs; '' for none.")
    var park: String?

    @Option(help: "The priority of the jobs, lower first (100 for a new schedule).")
    var priority: Int16?

    @Option(
        help: ArgumentHelp(
            "How many due times that were missed while no worker ran are made up for, the latest ones (1 for a new schedule).",
            valueName: "number"
        )
    )
    var backfill: Int?

    @Flag(help: "Check everything and show the next firings, but change nothing.")
    var dryRun = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let cron { _ = try Self.expression(cron) }
        if let zone, zone.isEmpty { throw ValidationError("--zone is the name of a time zone, such as Europe/Berlin") }
        if let kind, kind.isEmpty { throw ValidationError("--kind is the name of a kind of jobs") }
        if let payload { _ = try Self.object(payload) }
        if let backfill, !(0...Schedule.mostBackfill).contains(backfill) {
            throw ValidationError("--backfill is a number from 0 to \(Schedule.mostBackfill)")
        }
    }

    func run() async throws {
        var change = ScheduleControl.Change(name: schedule.name)
        change.cron = try cron.map(Self.expression)
        change.zone = zone
        change.kind = kind
        change.payload = try payload.map(Self.object)
        change.park = park
        change.priority = priority
        change.backfill = backfill
        let (outcome, kind, census) = try await database.withPool { [change] pool in
            let outcome = try await ScheduleControl(pool: pool).set(change, isTrial: dryRun)
            let kind = JobGroup(.kind, outcome.schedule.kind)
            return (outcome, kind, try await PauseControl(pool: pool).census(of: kind))
        }
        Terminal.print(output.json ? try json(outcome).text : text(outcome))
        kind.noteIfUnknown(census)
    }

    // MARK: Private

    private func text(_ outcome: ScheduleControl.Outcome) -> String {
        let (schedule, state) = (outcome.schedule, outcome.isPaused ? ", paused" : "")
        let verb = dryRun ? "would be" : outcome.isNew ? "made" : "changed"
        let firings = TextTable(
            headings: ["next in \(schedule.zone)", "in UTC"],
            rows: outcome.firings.map { [$0.local, $0.utc] }
        )
        return "schedule \(schedule.name): \(verb) \(schedule.cron) -> \(schedule.kind)\(state)\n\(firings.text)"
    }

    private func json(_ outcome: ScheduleControl.Outcome) throws -> JSONValue {
        let schedule = outcome.schedule
        return [
            "name": .string(schedule.name), "cron": .string(schedule.cron.text), "zone": .string(schedule.zone),
            "kind": .string(schedule.kind), "payload": try JSONValue(parsing: schedule.payload.utf8),
            "park": .optional(schedule.park), "priority": .integer(schedule.priority),
            "backfill": .integer(schedule.backfill), "paused": .boolean(outcome.isPaused),
            "created": .boolean(outcome.isNew), "dry_run": .boolean(dryRun),
            "next": .array(outcome.firings.map { ["local": .string($0.local), "utc": .string($0.utc)] }),
        ]
    }

    private static func expression(_ line: String) throws -> CronExpression {
        do throws(CronError) {
            return try CronExpression(line)
        } catch {
            throw ValidationError("--cron: \(error)")
        }
    }

    private static func object(_ text: String) throws -> JSONText {
        guard let value = try? JSONValue(parsing: text.utf8), case .object = value else {
            throw ValidationError("--payload is a JSON object, such as '{\"older_than_days\":30}'")
        }
        return JSONText(text)
    }
}
