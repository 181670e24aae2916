import ArgumentParser
import Postgres

/// `amenity bench driver`
struct BenchDriverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "driver",
        abstract: "Measure the PostgreSQL driver side by side with pgbench.",
        discussion: """
            A prepared one-row query by primary key, in interleaved rounds on one database; medians count. Makes the schema \
            bench and drops it afterwards. With --queries only ours runs, and the memory is what counts.
            """
    )

    @Option(help: "How long each contender runs in each round.")
    var seconds = 2

    @Option(help: "How many rounds.")
    var rounds = 5

    @Option(help: "Tasks that ask at once.")
    var tasks = 64

    @Option(help: "Connections that they share.")
    var connections = 4

    @Option(help: ArgumentHelp("Run this many queries instead, for the memory.", valueName: "count"))
    var queries: Int?

    @OptionGroup var bench: BenchOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [seconds, rounds, tasks, connections, queries ?? 1].allSatisfy({ $0 > 0 }) else {
            throw ValidationError("every number must be above 0")
        }
    }

    func run() async throws {
        try bench.requireOptimisedBuild()
        let configuration = try database.configuration()
        let table = BenchTable(configuration)
        try await table.create()
        let report: DriverReport
        do {
            report = try await measure(configuration)
        } catch {
            try? await table.drop()
            throw error
        }
        try await table.drop()
        Terminal.print(output.json ? report.json.text : report.text)
    }

    private func measure(_ configuration: PostgresConfiguration) async throws -> DriverReport {
        var bar = ProgressBar("Measuring")
        defer { bar.clear() }
        let bench = DriverBench(
            configuration: configuration,
            tasks: tasks,
            connections: connections,
            seconds: seconds,
            rounds: rounds
        )
        if let queries { return try await bench.run(queries: queries) { bar.show($0) } }
        return try await bench.run { bar.show($0) }
    }
}
