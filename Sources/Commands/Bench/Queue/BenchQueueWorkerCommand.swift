import ArgumentParser
import Foundation
import Postgres

/// `amenity bench queue-worker`: what `amenity bench queue` starts for each of several processes.
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

    @Option(help: "As of `amenity bench queue`.")
    var concurrency: Int

    @Flag(help: "As of `amenity bench queue`.")
    var pollOnly = false

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        var configuration = try database.configuration()
        configuration.database = scratch
        let crew = QueueCrew(
            configuration: configuration,
            mode: mode,
            processes: 1,
            concurrency: concurrency,
            isPollOnly: pollOnly
        )
        try await crew.work { await Self.endOfInput() }
    }

    /// Waits on a thread of its own, so that none of the worker's is held up.
    private static func endOfInput() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = try? FileHandle.standardInput.readToEnd()
                continuation.resume()
            }
        }
    }
}
