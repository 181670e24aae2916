import ArgumentParser
import Postgres

/// `amenity bench queue`
struct BenchQueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Measure the job queue with real workers.",
        discussion: """
            Works on a database of its own, made on the server of --database and dropped afterwards; a run that is killed \
            leaves it behind (amenity_bench_...). One process runs inside this program, more are children of it.

            drain: the jobs are there when the workers start, and do nothing. effect: as drain, each with one row \
            inserted by the transaction that finishes it. mixed: enqueued in bulk at a rate while they are drained. \
            latency: enqueued one by one at a rate, whether or not the workers keep up.

            The seconds run from the first claim to the last completion on the database's clock. The WAL is the whole \
            server's from the start of the workers to the last completion; in mixed and latency it has the enqueueing too.
            """
    )

    @Option(help: "How many jobs; with a rate it is the rate times the seconds that counts.")
    var jobs = 10_000

    @Option(help: "Worker processes.")
    var processes = 1

    @Option(help: "Jobs that each process runs at once.")
    var concurrency = 32

    @Option(help: "drain, effect, mixed or latency.")
    var mode = QueueLoad.Mode.drain

    @Option(help: ArgumentHelp("Jobs enqueued per second in mixed and latency (default: the jobs over the seconds)."))
    var rate: Int?

    @Option(help: "How long mixed and latency enqueue.")
    var seconds = 10

    @Flag(help: "Nobody is told of new jobs, and no session holds a lock: as behind a transaction pooler.")
    var pollOnly = false

    @OptionGroup var bench: BenchOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [jobs, processes, concurrency, rate ?? 1, seconds].allSatisfy({ $0 > 0 }) else {
            throw ValidationError("every number must be above 0")
        }
    }

    func run() async throws {
        try bench.requireOptimisedBuild()
        let load = QueueLoad(mode: mode, jobs: jobs, rate: rate, seconds: seconds)
        let report = try await ScratchDatabase.with(on: database.configuration()) { scratch in
            try await QueueBench(
                scratch: scratch,
                load: load,
                processes: processes,
                concurrency: concurrency,
                isPollOnly: pollOnly
            ).run()
        }
        Terminal.print(output.json ? report.json.text : report.text)
    }
}
