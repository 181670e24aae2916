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

    /// The database in it.
    package var database: TestDatabase { TestDatabase(name: conninfo["dbname"] ?? "", conninfo: conninfo) }

    package func observer() async throws -> ServerObserver { try await ServerObserver(configuration) }

    /// Starts it and waits until it answers.
    package func start() async throws { _ = try await Self.dev("start", directory) }

    /// Stops it as a power cut would, but for the disks.
    package func crash() async throws { _ = try await Self.dev("crash", directory) }

    package func stop() async throws { _ = try await Self.dev("stop", directory) }

    fileprivate static func dev(_ arguments: String...) async throws -> String {
        guard let script else { throw TestSupportError("there is no dev script at the root of the repository") }
        let process = try ChildProcess(
            script,
            ["cluster"] + arguments,
            environment: ProcessInfo.processInfo.environment
        )
        // Longer than the script's own limits, so that it is the script that says what went wrong.
        guard try await process.ended(within: .seconds(100)) == .exit(0) else {
            let words = process.errors.lines.joined(separator: "\n")
            throw TestSupportError("dev cluster \(arguments.joined(separator: " ")) failed: \(words)")
        }
        return process.output.lines.first ?? ""
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
