import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue uncap`
struct QueueUncapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uncap",
        abstract: "Lift the cap of a kind or a park.",
        discussion: "Lifting a cap that is not there changes nothing and is no error."
    )

    @OptionGroup var what: JobGroupOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = what.target
        let (wasCapped, census) = try await database.withPool { pool in
            (
                try await CapControl(pool: pool).remove(target),
                try await PauseControl(pool: pool).census(of: target)
            )
        }
        if output.json {
            let json: JSONValue = [
                "scope": .string(target.scope.rawValue), "name": .string(target.name), "capped": false,
                "changed": .boolean(wasCapped), "known": .boolean(census.isKnown),
            ]
            Terminal.print(json.text)
        } else {
            Terminal.print("\(target.words): \(wasCapped ? "capped -> open" : "was not capped")")
        }
        if !wasCapped { target.noteIfUnknown(census) }
    }
}
