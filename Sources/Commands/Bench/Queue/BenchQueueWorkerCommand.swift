import ArgumentParser
import Foundation
import JobQueue
import Postgres

/// `amenity bench queue-worker`: what `amenity bench queue` starts for each of its processes.
///
/// It says `ready` when it has reached the database, works from the first line of its input on, and ends with the input:
/// so the time to start a program is not measured, and no worker outlives the bench.
struct BenchQueueWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue-worker",
        abstract: "Work for `amenity bench queue` until the input ends.",
        shouldDisplay: false
    )

    @Option(help: "The bench's database.")
    var scratch: String

    @Option(help: "As of `amenity bench queue`.")
    var mode: QueueLoad.Mode

    @Flag(help: "As of `amenity bench queue`.")
    var ungrouped = false

    @Flag(help: "As of `amenity bench queue`.")
    var pollOnly = false

    @Option(help: "Jobs at once in this process.")
    var concurrency: Int

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        var configuration = try database.configuration()
        configuration.database = scratch
        // A job holds a connection only while it ends; more would stand in each other's way on the server. The worker
        // itself needs one for life, one to claim and one to rescue.
        configuration.leasedConnections = min(concurrency, 16) + 3
        let pool = Pool(configuration)
        defer { pool.close() }
        try await pool.check(until: .after(.seconds(30)))
        Terminal.print("ready")
        guard await Self.nextLine() != nil else { return }
        let worker = Worker(pool: pool, configuration: settings(configuration), handlers: [handler]) { event in
            if case .databaseTrouble(let reason) = event { Terminal.note("amenity: \(reason)") }
        }
        async let work: Void = worker.run()
        while await Self.nextLine() != nil {}
        worker.stop()
        await work
    }

    private func settings(_ postgres: PostgresConfiguration) -> WorkerConfiguration {
        var settings = WorkerConfiguration(program: "bench", host: "localhost", processID: getpid())
        settings.concurrency = concurrency
        settings.isPollOnly = pollOnly
        if !pollOnly { settings.wake.listener = postgres }
        return settings
    }

    private var handler: MeasuredHandler {
        guard mode == .effect else { return MeasuredHandler(ending: .bare) }
        return MeasuredHandler(ending: ungrouped ? .alone : .grouped)
    }

    /// Waits on a thread of its own, so that none of the worker's is held up; `nil` at the end of the input.
    private static func nextLine() async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: readLine()) }
        }
    }
}
