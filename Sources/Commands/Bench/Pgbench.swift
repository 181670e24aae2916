import Foundation

/// PostgreSQL's own bench, the yardstick that runs beside us.
struct Pgbench {
    private let program: URL
    private let conninfo: String
    private let script: URL

    /// Finds the program and writes the script.
    init(conninfo: String, script text: String) throws {
        guard let program = Self.find() else {
            throw CommandFailure(.failed, "there is no pgbench: install postgresql-15, or put pgbench on the PATH.")
        }
        self.program = program
        self.conninfo = conninfo
        self.script = FileManager.default.temporaryDirectory.appending(path: "amenity-bench-\(UUID().uuidString).sql")
        try Data(text.utf8).write(to: script)
    }

    /// Removes the script.
    func cleanUp() { try? FileManager.default.removeItem(at: script) }

    /// Runs the script over prepared statements and returns transactions per second, without the time to connect.
    ///
    /// - Parameter threads: of pgbench; more than there are cores only get into each other's way.
    func run(clients: Int, threads: Int, seconds: Int) async throws -> Double {
        let process = Process()
        process.executableURL = program
        process.arguments = [
            "-n", "-M", "prepared", "-f", script.path(percentEncoded: false), "-c", "\(clients)", "-j", "\(threads)",
            "-T", "\(seconds)",
            conninfo,
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        // Its report is shorter than a pipe holds, so it is enough to read it at the end.
        let text: String = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { _ in
                let bytes = (try? output.fileHandleForReading.readToEnd()) ?? Data()
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
            do { try SignalMask.lettingAllThrough { try process.run() } } catch { continuation.resume(throwing: error) }
        }
        guard let rate = Self.rate(in: text) else {
            throw CommandFailure(.failed, "pgbench failed:\n\(text)")
        }
        return rate
    }

    /// Reads `tps = 34567.890123 (without initial connection time)`.
    static func rate(in report: String) -> Double? {
        for line in report.split(separator: "\n") where line.hasPrefix("tps = ") && !line.contains("including") {
            return Double(line.dropFirst(6).prefix { $0 != " " })
        }
        return nil
    }

    private static func find() -> URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        // Debian keeps the server's programs off the PATH.
        let folders = ["/usr/lib/postgresql/15/bin"] + path.split(separator: ":").map(String.init)
        return folders.map { URL(filePath: $0, directoryHint: .isDirectory).appending(path: "pgbench") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path(percentEncoded: false)) }
    }
}
