import ArgumentParser
import Catalog
import FoundationEssentials
import Postgres

/// `amenity db seed`
struct DatabaseSeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Load the starter catalogue.",
        discussion: """
            All or nothing: a bad row is reported with its file and line, and nothing is written. Running it again changes \
            nothing. Rows that are no longer in the files stay in the database.
            """
    )

    @Option(help: ArgumentHelp("The folder of the CSV files.", valueName: "folder"))
    var from = "db/seed"

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let seed = try Seed(folder: URL(filePath: from, directoryHint: .isDirectory))
        let plan = try await Migrator(try database.configuration()).plan()
        guard plan.isCurrent else {
            throw CommandFailure(
                .failed,
                "the database lacks \(plan.pending.count) of this program's migrations: run `amenity db migrate` first."
            )
        }
        let outcome = try await database.withPool { pool in
            var bar = ProgressBar("Loading the catalogue")
            defer { bar.clear() }
            return try await SeedImporter(pool: pool).load(seed, until: .after(.seconds(600))) { bar.show($0) }
        }
        for note in seed.notUnderstoodHours { Terminal.note("Hours? \(note)") }
        for doubt in outcome.doubts { Terminal.note("Datum? \(doubt)") }
        if output.json { return Terminal.print(Self.json(outcome.summaries).text) }
        for summary in outcome.summaries {
            Terminal.print(
                "\(summary.total) \(summary.noun): \(summary.new) new, \(summary.changed) changed, "
                    + "\(summary.unchanged) unchanged"
            )
        }
    }

    private static func json(_ summaries: [SeedImporter.Summary]) -> JSONValue {
        .object(
            summaries.map { summary in
                JSONValue.Member(
                    name: summary.noun.replacing(" ", with: "_"),
                    value: [
                        "total": .integer(summary.total), "new": .integer(summary.new),
                        "changed": .integer(summary.changed), "unchanged": .integer(summary.unchanged),
                    ]
                )
            }
        )
    }
}
