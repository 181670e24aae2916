import ArgumentParser
import Catalog
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
            rounds; searches by words and suggestions by how long each takes. A million take a while to fill in: --keep NAME \
            leaves the database, and measures the same again the next time.
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

    @Option(help: ArgumentHelp("Memory for what searches show of amenities.", valueName: "MiB"))
    var listings = Lookup.listingMebibytes

    @Option(help: ArgumentHelp("The starter catalogue, for its taxonomy.", valueName: "folder"))
    var seedFolder = "db/seed"

    @Option(help: ArgumentHelp("Keep the catalogue under this name, and use the one that is kept.", valueName: "name"))
    var keep: String?

    @OptionGroup var bench: BenchOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [amenities, seconds, rounds, tasks, connections].allSatisfy({ $0 > 0 }) else {
            throw ValidationError("every number must be above 0")
        }
        guard (0...65_536).contains(listings) else { throw ValidationError("--listings is one of 0 to 65536") }
        guard keep?.wholeMatch(of: /[a-z0-9]{1,32}/) != nil || keep == nil else {
            throw ValidationError("--keep needs a name of up to 32 small letters and digits")
        }
    }

    func run() async throws {
        try bench.requireOptimisedBuild()
        let server = try database.configuration()
        let report =
            if let keep {
                try await ScratchDatabase.keeping(keep, on: server) { try await measure($0, isFilled: $1) }
            } else {
                try await ScratchDatabase.with(on: server) { try await measure($0, isFilled: false) }
            }
        Terminal.print(output.json ? report.json.text : report.text)
    }

    private func measure(_ scratch: ScratchDatabase, isFilled: Bool) async throws -> CatalogueReport {
        let catalogue = BenchCatalogue(configuration: scratch.configuration, amenities: amenities)
        if !isFilled {
            var bar = ProgressBar("Filling")
            defer { bar.clear() }
            try await catalogue.create(seedFolder: URL(filePath: seedFolder)) { bar.show($0) }
        }
        var bar = ProgressBar("Measuring")
        defer { bar.clear() }
        let bench = CatalogueBench(
            configuration: scratch.configuration,
            categories: try await catalogue.categories(),
            tasks: tasks,
            connections: connections,
            listingBytes: listings << 20,
            seconds: seconds,
            rounds: rounds
        )
        return try await bench.run { bar.show($0) }
    }
}
