package import Commands
import Foundation
import Glibc
package import Testing

/// One of the project's programs as a process, with its log as lines that a test may wait for.
package final class RunningProgram: Sendable {
    package let name: String
    private let process: ChildProcess

    /// The folder with the programs, or `nil` where they were not built.
    package static var folder: String? {
        guard let folder = ProcessInfo.processInfo.environment["AMENITY_TEST_BIN"], !folder.isEmpty else { return nil }
        let needed = ["amenityd", "amenity-requests", "amenity-feedback", "amenity-upkeep", "amenity"]
        return needed.allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") } ? folder : nil
    }

    /// Starts a program. Of our own environment it gets what does not configure it.
    ///
    /// - Parameters:
    ///   - files: how many it may have open, if not as many as we.
    ///   - log: a file to which its standard error goes, instead of to ``log``.
    package init(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        terminal: PseudoTerminal? = nil,
        files: Int? = nil,
        log: String? = nil
    ) throws {
        guard let folder = Self.folder else { throw TestSupportError("AMENITY_TEST_BIN names no folder with programs") }
        self.name = name
        let program = "\(folder)/\(name)"
        let (limit, errors) = (files.map { "ulimit -n \($0) && " } ?? "", log.map { " 2>\($0)" } ?? "")
        let isPlain = files == nil && log == nil
        process = try ChildProcess(
            isPlain ? program : "/bin/bash",
            isPlain ? arguments : ["-c", "\(limit)exec \"$0\" \"$@\"\(errors)", program] + arguments,
            environment: ProcessInfo.processInfo.environment
                .filter { !$0.key.hasPrefix("AMENITY_") && !$0.key.hasPrefix("PG") }
                .merging(environment) { $1 },
            terminal: terminal?.path
        )
    }

    /// Standard error, where the log goes.
    package var log: Transcript { process.errors }

    package var output: Transcript { process.output }

    package var isRunning: Bool { process.isRunning }

    package var processID: Int32 { process.processID }

    package func send(_ signal: Int32) { process.send(signal) }

    /// Waits for the end of the process and of what it wrote.
    @discardableResult
    package func ended(within limit: Duration = .seconds(20)) async throws -> ChildProcess.Ending {
        try await process.ended(within: limit)
    }

    /// Waits for an event of the log, past or to come.
    @discardableResult
    package func event(
        _ name: String,
        from start: Int = 0,
        within limit: Duration = .seconds(20)
    ) async throws -> (index: Int, event: JSONValue) {
        // Written by our own handler, so an event's name stands as it is.
        let words = "\"ev\":\"\(name)\""
        let what = "“\(name)” of \(self.name)"
        let line = try await log.first(what, from: start, within: limit) { $0.contains(words) }
        return (line.index, try JSONValue(parsing: line.text.utf8))
    }

    /// The events of this name so far.
    package func events(_ name: String) throws -> [JSONValue] {
        try log.lines.filter { $0.contains("\"ev\":\"\(name)\"") }
            .map { line throws(JSONError) in try JSONValue(parsing: line.utf8) }
    }
}

/// Lends a running program, and kills it if it still runs afterwards.
package func withProgram<Value>(
    _ name: String,
    _ arguments: [String],
    environment: [String: String] = [:],
    terminal: PseudoTerminal? = nil,
    files: Int? = nil,
    log: String? = nil,
    _ body: (RunningProgram) async throws -> Value
) async throws -> Value {
    let program = try RunningProgram(
        name,
        arguments,
        environment: environment,
        terminal: terminal,
        files: files,
        log: log
    )
    do {
        let value = try await body(program)
        program.send(SIGKILL)
        try await program.ended()
        return value
    } catch {
        print("\(name), as far as it came:\n" + program.log.lines.suffix(20).joined(separator: "\n"))
        program.send(SIGKILL)
        _ = try? await program.ended()
        throw error
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips what runs the built programs where there are none, or no server.
    package static var needsPrograms: ConditionTrait {
        .enabled(
            if: TestDatabase.isAvailable && RunningProgram.folder != nil,
            "AMENITY_TEST_DATABASE names no server or AMENITY_TEST_BIN no folder with the programs; ./dev test sets both"
        )
    }
}
