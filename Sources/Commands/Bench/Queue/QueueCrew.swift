import Foundation
import Glibc
import JobQueue
import Postgres

/// The worker processes of a bench: one inside this program, or several that are children of it.
struct QueueCrew {
    let configuration: PostgresConfiguration
    let mode: QueueLoad.Mode
    let processes: Int
    let concurrency: Int
    /// Whether the workers look for jobs by themselves alone.
    let isPollOnly: Bool

    /// Has the workers work while the body runs, and returns when they have stopped.
    func work<Value>(_ body: () async throws -> Value) async throws -> Value {
        guard processes > 1 else {
            return try await withWorker(body)
        }
        var children: [Child] = []
        do {
            for _ in 0..<processes { children.append(try Child(self)) }
            let value = try await body()
            for child in children { try await child.stop() }
            return value
        } catch {
            for child in children { child.kill() }
            throw error
        }
    }

    /// Runs a worker in this process while the body runs.
    private func withWorker<Value>(_ body: () async throws -> Value) async throws -> Value {
        var configuration = configuration
        // A job holds a connection only while it ends; more would stand in each other's way on the server. The worker
        // itself needs one for life, one to claim and one to rescue.
        configuration.leasedConnections = min(concurrency, 16) + 3
        let pool = Pool(configuration)
        defer { pool.close() }
        var settings = WorkerConfiguration(program: "bench", host: "localhost", processID: getpid())
        settings.concurrency = concurrency
        settings.isPollOnly = isPollOnly
        if !isPollOnly { settings.wake.listener = configuration }
        let worker = Worker(pool: pool, configuration: settings, handlers: [mode.handler]) { event in
            if case .databaseTrouble(let reason) = event { Terminal.note("amenity: \(reason)") }
        }
        async let work: Void = worker.run()
        defer { worker.stop() }
        let value = try await body()
        worker.stop()
        await work
        return value
    }
}

/// One worker process. It works until its standard input ends, so it does not outlive this program however that ends.
private struct Child {
    private let process = Process()
    private let input = Pipe()
    private let end: AsyncStream<Int32>

    init(_ crew: QueueCrew) throws {
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            [
                "bench", "queue-worker", "--mode", crew.mode.rawValue, "--concurrency", "\(crew.concurrency)",
                "--scratch", crew.configuration.database ?? "",
            ] + (crew.isPollOnly ? ["--poll-only"] : [])
        // Not an argument: it may hold a password, and every user of the machine can read arguments.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["AMENITY_DATABASE": crew.configuration.connectionString]
        ) { $1 }
        process.standardInput = input
        let (end, ending) = AsyncStream.makeStream(of: Int32.self)
        self.end = end
        process.terminationHandler = { process in
            ending.yield(process.terminationStatus)
            ending.finish()
        }
        try SignalMask.lettingAllThrough { try process.run() }
    }

    /// Has the worker end its jobs and waits for its end.
    func stop() async throws {
        try input.fileHandleForWriting.close()
        for await status in end where status != 0 {
            throw CommandFailure(.failed, "a worker process of the bench ended with status \(status).")
        }
    }

    func kill() { process.terminate() }
}
