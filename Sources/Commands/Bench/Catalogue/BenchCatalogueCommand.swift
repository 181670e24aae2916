import ArgumentParser
import FoundationEssentials
import Postgres

/// `amenity bench catalogue`
struct BenchCatalogueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalogue",
        abstract: "Measure look-ups in a catalogue of many made-up amenities.",
        discussion: """
            Makes a database of its own, fills it with amenities that are the same each time, and drops it afterwards. The \
            nearest amenities of a category are measured beside pgbench with the best hand-written statement, in interleaved \
            rounds; searches by words and suggestions by how long each takes.
            """
    )

    @Option(help: "How many amenities.")
    var amenities = 100_000

    @Option(help: "How long each contender runs in each round.")
    var seconds = 3

    @Option(help: "How many rounds.")
    var rounds = 5

    @Option(help: "Tasks that ask at once, and clients of pgbench.")
    var tasks = 8

    @Option(help: "Connections that the tasks share.")
    var connections = 4

    @Option(help: ArgumentHelp("The starter catalogue, for its taxonomy.", valueName: "folder"))
    var seedFolder = "db/seed"

    @OptionGroup var bench: BenchOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [amenities, seconds, rounds, tasks, connections].allSatisfy({ $0 > 0 }) else {
            throw ValidationError("every number must be above 0")
        }
    }

    func run() async throws {
        try bench.requireOptimisedBuild()
        let report = try await ScratchDatabase.with(on: try database.configuration()) { scratch in
            var bar = ProgressBar("Filling")
            let catalogue = BenchCatalogue(configuration: scratch.configuration, amenities: amenities)
            try await catalogue.create(seedFolder: URL(filePath: seedFolder)) { bar.show($0) }
            bar.clear()
            bar = ProgressBar("Measuring")
            defer { bar.clear() }
            let bench = CatalogueBench(
                configuration: scratch.configuration,
                categories: try await catalogue.categories(),
                tasks: tasks,
                connections: connections,
                seconds: seconds,
                rounds: rounds
            )
            return try await bench.run { bar.show($0) }
        }
        Terminal.print(output.json ? report.json.text : report.text)
    }
}
