import ArgumentParser

/// `amenity db status`
struct DatabaseStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "List the migrations that are applied and those that are not."
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let plan = try await Migrator(try database.configuration()).plan()
        Terminal.print(output.json ? Self.json(plan).text : Self.text(plan))
    }

    private static func text(_ plan: MigrationPlan) -> String {
        let table = TextTable(
            headings: ["migration", "applied"],
            rows: plan.applied.map { [$0.name, $0.appliedAt] } + plan.pending.map { [$0.name, "pending"] }
        )
        let summary =
            plan.isCurrent ? "The schema is current." : "\(plan.pending.count) pending: run `amenity db migrate`."
        return table.text + "\n" + summary
    }

    private static func json(_ plan: MigrationPlan) -> JSONValue {
        let applied = plan.applied.map { record -> JSONValue in
            [
                "number": .integer(record.number), "name": .string(record.name),
                "sha256": .string(record.checksum), "applied_at": .string(record.appliedAt),
            ]
        }
        let pending = plan.pending.map { file -> JSONValue in
            ["number": .integer(file.number), "name": .string(file.name)]
        }
        return ["current": .boolean(plan.isCurrent), "applied": .array(applied), "pending": .array(pending)]
    }
}
