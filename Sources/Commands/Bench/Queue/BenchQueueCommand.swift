import ArgumentParser
import Postgres

/// `amenity bench queue`
struct BenchQueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Measure the job queue with real workers.",
        discussion: """
            Works on a database of its own, made on the server of --database and dropped afterwards; a run that is killed \
            leaves it behind (amenity_bench_...). The workers are processes of their own.

            drain: the jobs are there when the workers start, and do nothing. effect: as drain, each with one row \
            inserted by the transaction that finishes it, which neighbours share unless --ungrouped. mixed: enqueued in \
            bulk at a rate while they are drained. latency: enqueued one by one at a rate, whether or not the workers \
            keep up. enqueue and bulk: put into the queue one by one, or many in one statement, over as many connections \
            as --concurrency says; nobody works. idle: what workers cost that have nothing to do.

            The seconds run from the first claim to the last completion on the database's clock; for enqueue, bulk and \
            idle they are those of the clock on the wall. The WAL is the whole server's from the start of the workers to \
            the last completion; in mixed and latency it has the enqueueing too. Processor time is from /proc, where the \
            server is on this machine: the server's is the whole cluster's.
            """
    )

    @Option(help: "How many jobs; with a rate it is the rate times the seconds that counts.")
    var jobs = 10_000

    @Option(help: "Worker processes.")
    var processes = 1

    @Option(help: "Jobs at once, over all the processes; in enqueue and bulk the connections.")
    var concurrency = 32

    @Option(help: "\(QueueLoad.Mode.allCases.map(\.rawValue).joined(separator: ", ")).")
    var mode = QueueLoad.Mode.drain

    @Flag(help: "In effect: a transaction a job, instead of one that neighbours share.")
    var ungrouped = false

    @Flag(help: "In enqueue: begin, enqueue and commit, as a caller does who has more to write.")
    var transaction = false

    @Option(help: "Jobs in one statement where they are put in in bulk.")
    var batch = 1000

    @Option(help: ArgumentHelp("Jobs enqueued per second in mixed and latency (default: the jobs over the seconds)."))
    var rate: Int?

    @Option(help: "How long mixed and latency enqueue, and idle looks on.")
    var seconds = 10

    @Flag(help: "Nobody is told of new jobs, and no session holds a lock: as behind a transaction pooler.")
    var pollOnly = false

    @Option(help: ArgumentHelp("The payload of each job.", valueName: "json"))
    var payload = "{}"

    @Option(
        help: """
            Also run while a transaction holds a snapshot, and compare: idle (it has read nothing of the queue) or read \
            (it has read every table of the queue).
            """
    )
    var holdSnapshot: HeldSnapshot.Kind?

    @OptionGroup var bench: BenchOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [jobs, processes, concurrency, rate ?? 1, seconds, batch].allSatisfy({ $0 > 0 }) else {
            throw ValidationError("every number must be above 0")
        }
        guard concurrency >= processes else {
            throw ValidationError("--concurrency is over all the processes: it must be at least --processes")
        }
        guard (try? JSONValue(parsing: payload.utf8)) != nil else { throw ValidationError("--payload is not JSON") }
        if holdSnapshot != nil, !mode.hasWorkers {
            throw ValidationError("--hold-snapshot needs workers at work: drain, effect, mixed or latency")
        }
    }

    func run() async throws {
        try bench.requireOptimisedBuild()
        var report = try await measure(holding: nil)
        if let holdSnapshot {
            let free = report
            report = try await measure(holding: holdSnapshot)
            report.snapshot = QueueReport.Snapshot(kind: holdSnapshot, free: free)
        }
        Terminal.print(output.json ? report.json.text : report.text)
    }

    private func measure(holding snapshot: HeldSnapshot.Kind?) async throws -> QueueReport {
        let load = QueueLoad(
            mode: mode,
            isUngrouped: ungrouped,
            isInTransaction: transaction,
            isPollOnly: pollOnly,
            jobs: jobs,
            batch: batch,
            rate: rate,
            seconds: seconds,
            payload: JSONText(payload)
        )
        return try await ScratchDatabase.with(on: database.configuration()) { scratch in
            try await QueueBench(
                configuration: scratch.configuration,
                load: load,
                processes: processes,
                concurrency: concurrency,
                snapshot: snapshot
            ).run()
        }
    }
}
