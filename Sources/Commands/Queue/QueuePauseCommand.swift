import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue pause`
struct QueuePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Let no more jobs of a kind or a park begin; those that run go on to their end.",
        discussion: """
            When the command returns, nothing more begins until `amenity queue resume`; jobs may be enqueued meanwhile and \
            wait. Pausing again changes nothing but the reason. A kind or park without jobs can be paused before they come.
            """
    )

    @OptionGroup var what: JobGroupOptions

    @Option(help: "Why, for whoever looks at the queue or at a job that waits.")
    var reason: String?

    @Option(
        help: ArgumentHelp(
            "Drain: wait until none of its jobs runs any more; 124 if some still do after so long.",
            valueName: "seconds"
        )
    )
    var wait: Int?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let reason, reason.isEmpty || reason.utf8.count > 1000 {
            throw ValidationError("--reason is a text of up to 1000 bytes")
        }
        if let wait, !(1...86_400).contains(wait) {
            throw ValidationError("--wait is a number of seconds from 1 to 86400")
        }
    }

    func run() async throws {
        let target = what.target
        let (outcome, census) = try await database.withPool { pool in
            let control = PauseControl(pool: pool)
            let outcome = try await control.pause(target, because: reason)
            return (outcome, try await drained(control))
        }
        if output.json {
            let json: JSONValue = [
                "scope": .string(target.scope.rawValue), "name": .string(target.name), "paused": true,
                "changed": .boolean(outcome.isNew), "since": .string(outcome.pause.since),
                "by": .string(outcome.pause.by), "reason": .optional(outcome.pause.reason),
                "running": .integer(census.running), "known": .boolean(census.isKnown),
            ]
            Terminal.print(json.text)
        } else {
            let since = outcome.isNew ? "open -> paused" : "paused already, since \(outcome.pause.since)"
            Terminal.print("\(target.words): \(since); \(census.running) running")
        }
        target.noteIfUnknown(census)
        if let wait, census.running > 0 {
            throw CommandFailure(
                .deadline,
                "\(target.words) is paused, but after \(wait) s \(census.running) of its jobs still run. Wait again, "
                    + "or look at them: `amenity queue list --state running`."
            )
        }
    }

    /// Looks until nothing runs, if that is wished, or the time is over.
    private func drained(_ control: PauseControl) async throws -> PauseControl.Census {
        let end = ContinuousClock.now + .seconds(wait ?? 0)
        while true {
            let census = try await control.census(of: what.target)
            guard census.running > 0, ContinuousClock.now < end else { return census }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
