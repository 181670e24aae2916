import Foundation
import Postgres

/// The worker processes of a bench.
struct QueueCrew {
    let configuration: PostgresConfiguration
    let load: QueueLoad
    let processes: Int
    /// Over all the processes.
    let concurrency: Int

    /// The processes, which wait to be told to begin.
    struct Ready {
        fileprivate let children: [Child]

        var processIDs: [pid_t] { children.map(\.processID) }

        /// Lets the workers begin.
        func start() throws {
            for child in children { try child.start() }
        }
    }

    /// Lends the processes for the body's length and returns when they have stopped.
    func with<Value>(_ body: (Ready) async throws -> Value) async throws -> Value {
        var children: [Child] = []
        do {
            for index in 0..<processes {
                let share = concurrency / processes + (index < concurrency % processes ? 1 : 0)
                children.append(try Child(configuration, load: load, concurrency: share))
            }
            for child in children { try await child.waitUntilReady() }
            let value = try await body(Ready(children: children))
            for child in children { try await child.stop() }
            return value
        } catch {
            for child in children { child.kill() }
            throw error
        }
    }
}

/// One worker process, an `amenity bench queue-worker`. It works until its input ends, so it does not outlive this program
/// however that ends.
private struct Child {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let end: AsyncStream<Int32>

    init(_ configuration: PostgresConfiguration, load: QueueLoad, concurrency: Int) throws {
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            [
                "bench", "queue-worker", "--mode", load.mode.rawValue, "--concurrency", "\(concurrency)",
                "--scratch", configuration.database ?? "",
            ] + (load.isUngrouped ? ["--ungrouped"] : []) + (load.isPollOnly ? ["--poll-only"] : [])
        // Not an argument: it may hold a password, and every user of the machine can read arguments.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["AMENITY_DATABASE": configuration.connectionString]
        ) { $1 }
        process.standardInput = input
        process.standardOutput = output
        let (end, ending) = AsyncStream.makeStream(of: Int32.self)
        self.end = end
        process.terminationHandler = { process in
            ending.yield(process.terminationStatus)
            ending.finish()
        }
        try SignalMask.lettingAllThrough { try process.run() }
    }

    var processID: pid_t { process.processIdentifier }

    /// Waits until the worker has reached the database.
    func waitUntilReady() async throws {
        let handle = output.fileHandleForReading
        let word = await withCheckedContinuation { (continuation: CheckedContinuation<Data, Never>) in
            Thread.detachNewThread { continuation.resume(returning: handle.availableData) }
        }
        guard !word.isEmpty else {
            throw CommandFailure(.failed, "a worker process of the bench ended before it had reached the database.")
        }
    }

    /// Lets the worker begin.
    func start() throws { try input.fileHandleForWriting.write(contentsOf: Data("start\n".utf8)) }

    /// Has the worker end its jobs and waits for its end.
    func stop() async throws {
        try input.fileHandleForWriting.close()
        for await status in end where status != 0 {
            throw CommandFailure(.failed, "a worker process of the bench ended with status \(status).")
        }
    }

    func kill() { process.terminate() }
}
