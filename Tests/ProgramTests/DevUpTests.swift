import Foundation
import TestSupport
import Testing

/// The `dev` script on a copy of the project that is built already.
@Suite("./dev up", .needsPrograms, .enabled(if: PrivateCluster.isAvailable), .timeLimit(.minutes(3)))
struct DevUpTests {
    /// A copy in a folder with a space in its name, with the programs in place and a `swift` that has nothing to build.
    private func withCopy(_ body: (_ dev: (String...) throws -> ChildProcess, URL) async throws -> Void) async throws {
        let manager = FileManager.default
        let root = URL(filePath: "/var/tmp/amenity copy \(UUID().uuidString.prefix(8))")
        let dev = try #require(PrivateCluster.script)
        let programs = try #require(RunningProgram.folder)
        try manager.createDirectory(at: root.appending(path: ".build"), withIntermediateDirectories: true)
        try manager.createDirectory(at: root.appending(path: "bin"), withIntermediateDirectories: true)
        try manager.copyItem(atPath: dev, toPath: root.appending(path: "dev").path)
        for (link, target) in [
            ("db", URL(filePath: dev).deletingLastPathComponent().appending(path: "db").path),
            (".build/debug", programs),
        ] {
            try manager.createSymbolicLink(atPath: root.appending(path: link).path, withDestinationPath: target)
        }
        // Written by a shell: a child that another test starts meanwhile would inherit our descriptor, and a file that
        // somebody holds open for writing can't be run.
        let script =
            "printf '%s\\n' '#!/bin/sh' '[ \"$1\" != --version ] || echo Swift version 6.3' > \"$0\" && chmod +x \"$0\""
        let writing = try ChildProcess("/bin/sh", ["-c", script, root.path + "/bin/swift"], environment: [:])
        #expect(try await writing.ended(within: .seconds(10)) == .exit(0))
        var environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("AMENITY_") && !$0.key.hasPrefix("PG") }
        environment["PATH"] = "\(root.path)/bin:\(environment["PATH"] ?? "/usr/bin:/bin")"
        let settled = environment
        let run = { (arguments: String...) in
            try ChildProcess(root.appending(path: "dev").path, arguments, environment: settled)
        }
        do {
            try await body(run, root)
        } catch {
            try await clear(root, run)
            throw error
        }
        try await clear(root, run)
    }

    private func clear(_ root: URL, _ dev: (String...) throws -> ChildProcess) async throws {
        try await dev("down").ended(within: .seconds(60))
        if let cluster = try settings(of: root)["AMENITY_CLUSTER"] {
            try await dev("cluster", "destroy", cluster).ended(within: .seconds(60))
        }
        try FileManager.default.removeItem(at: root)
    }

    private func settings(of root: URL) throws -> [String: String] {
        let text = String(decoding: try Data(contentsOf: root.appending(path: ".amenity/env")), as: UTF8.self)
        let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0.count > 1 ? $0[1] : "") })
    }

    @Test("twice at once brings one service up, which answers both, and down ends it")
    func twice() async throws {
        try await withCopy { dev, root in
            let (first, second) = (try dev("up"), try dev("up"))
            let endings = [try await first.ended(within: .seconds(120)), try await second.ended(within: .seconds(120))]
            #expect(endings == [.exit(0), .exit(0)], "\(first.errors.lines + second.errors.lines)")
            let address = try #require(try settings(of: root)["AMENITY_SERVER"])
            let isAnswered = try await withClient(address) { client in try await client.call("parks.list").isResult }
            #expect(isAnswered)
            let database = try #require(try settings(of: root)["AMENITY_DATABASE"])
            let listed = try await run("amenity", ["queue", "status", "--json", "--database", database])
            let workers = listed.output.joined().components(separatedBy: "\"program\"").count - 1
            #expect(workers == 3, "one of each worker program")
            let down = try await dev("down").ended(within: .seconds(60))
            #expect(down == .exit(0))
            await #expect(throws: (any Error).self) { try await withClient(address) { _ in } }
        }
    }
}
