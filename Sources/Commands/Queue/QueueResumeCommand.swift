import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue resume`
struct QueueResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let the jobs of a paused kind or park begin again, in their old order.",
        discussion: """
            Resuming what is not paused changes nothing and is no error. The jobs of a park that is not paused while their \
            kind is, or the other way round, go on waiting.
            """
    )

    @OptionGroup var what: JobGroupOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = what.target
        let (pause, census) = try await database.withPool { pool in
            let control = PauseControl(pool: pool)
            let pause = try await control.resume(target)
            await Notifier.wakeAll(over: pool)
            return (pause, try await control.census(of: target))
        }
        if output.json {
            let json: JSONValue = [
                "scope": .string(target.scope.rawValue), "name": .string(target.name), "paused": false,
                "changed": .boolean(pause != nil), "since": .optional(pause?.since),
                "known": .boolean(census.isKnown),
            ]
            Terminal.print(json.text)
        } else if let pause {
            Terminal.print("\(target.words): paused since \(pause.since) -> open")
        } else {
            Terminal.print("\(target.words): was not paused")
        }
        if pause == nil { target.noteIfUnknown(census) }
    }
}
