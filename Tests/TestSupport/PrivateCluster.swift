import Foundation
package import Postgres

/// A PostgreSQL cluster of a suite's own, made with the project's `dev` script, that may be crashed and restarted.
package struct PrivateCluster: Sendable {
    package let directory: String
    package let conninfo: Conninfo

    /// The script at the root of the repository, or `nil` where only a part of it was checked out.
    package static var script: String? {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appending(path: "dev").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// Whether a cluster can be made: the script is here and so are the server's programs.
    package static var isAvailable: Bool {
        let bin = ProcessInfo.processInfo.environment["AMENITY_PG_BIN"] ?? "/usr/lib/postgresql/15/bin"
        return TestDatabase.isAvailable && script != nil
            && FileManager.default.isExecutableFile(atPath: bin + "/initdb")
    }

    package var configuration: PostgresConfiguration {
        PostgresConfiguration(connectionString: conninfo.text, applicationName: "tests")
    }

    package func observer() async throws -> ServerObserver { try await ServerObserver(configuration) }

    /// Starts it and waits until it answers.
    package func start() async throws { _ = try await Self.dev("start", directory) }

    /// Stops it as a power cut would, but for the disks.
    package func crash() async throws { _ = try await Self.dev("crash", directory) }

    package func stop() async throws { _ = try await Self.dev("stop", directory) }

    fileprivate static func dev(_ arguments: String...) async throws -> String {
        guard let script else { throw TestSupportError("there is no dev script at the root of the repository") }
        let words = [script, "cluster"] + arguments
        let line = words.map { "'\($0)'" }.joined(separator: " ") + " </dev/null"
        // Not Foundation's `Process`: it believes a script alive as long as the server it started.
        let (status, output) = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Self.run(line)) }
        }
        guard status == 0 else { throw TestSupportError("\(line) failed") }
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func run(_ line: String) -> (status: Int32, output: String) {
        guard let stream = popen(line, "re") else { return (-1, "") }
        var output: [UInt8] = []
        while true {
            let byte = getc(stream)
            guard byte != EOF else { break }
            output.append(UInt8(truncatingIfNeeded: byte))
        }
        return (pclose(stream), String(decoding: output, as: UTF8.self))
    }
}

/// Lends a fresh cluster for as long as the body runs.
package func withCluster<Value>(_ body: (PrivateCluster) async throws -> Value) async throws -> Value {
    let directory = "/var/tmp/amenity-test-" + UUID().uuidString.lowercased().prefix(8)
    do {
        let conninfo = try Conninfo(try await PrivateCluster.dev("create", directory))
        let value = try await body(PrivateCluster(directory: directory, conninfo: conninfo))
        _ = try await PrivateCluster.dev("destroy", directory)
        return value
    } catch {
        _ = try? await PrivateCluster.dev("destroy", directory)
        throw error
    }
}
