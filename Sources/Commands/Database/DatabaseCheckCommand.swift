import ArgumentParser
import Postgres

/// `amenity db check`
struct DatabaseCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that the schema is current and that every query of this program fits it.",
        discussion: "Prepares every statement against the database and executes none. Exits 1 when anything is wrong."
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let configuration = try database.configuration()
        let plan = try await Migrator(configuration).plan()
        let failures = plan.isCurrent ? try await QueryCheck(configuration).failures() : []
        let isGood = plan.isCurrent && failures.isEmpty
        if output.json {
            Terminal.print(Self.json(plan, failures).text)
        } else if isGood {
            Terminal.print("\(plan.applied.count) migrations and \(QueryCheck.all.count) queries: all good.")
        }
        guard !isGood else { return }
        for migration in plan.pending { Terminal.note("not applied: \(migration.name)") }
        for failure in failures { Terminal.note("\(failure.name): \(failure.error.sqlState) \(failure.error.message)") }
        throw CommandFailure(
            .failed,
            plan.isCurrent
                ? "\(failures.count) of \(QueryCheck.all.count) queries don't fit the database."
                : "the schema is behind: run `amenity db migrate`."
        )
    }

    private static func json(_ plan: MigrationPlan, _ failures: [QueryCheck.Failure]) -> JSONValue {
        let failures = failures.map { failure -> JSONValue in
            [
                "name": .string(failure.name), "sqlstate": .string(failure.error.sqlState.rawValue),
                "message": .string(failure.error.message),
            ]
        }
        return [
            "current": .boolean(plan.isCurrent), "pending": .array(plan.pending.map { .string($0.name) }),
            "queries": .integer(QueryCheck.all.count), "failures": .array(failures),
        ]
    }
}
