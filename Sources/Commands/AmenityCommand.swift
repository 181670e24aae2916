package import ArgumentParser
import Glibc

/// The root of the command tree: `amenity NOUN VERB`.
package struct AmenityCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "amenity",
        abstract: "Look up, curate and run the amenity directory of the international industrial parks.",
        discussion: """
            Data goes to stdout and words to stderr; --json prints JSON.
            Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 busy (try again), \
            7 part of a bulk operation failed, 8 differences found, 124 deadline, 130 interrupted.
            """,
        version: VersionCommand.text,
        subcommands: [
            TourCommand.self, ParkCommand.self, TaxonomyCommand.self, AmenitySearchCommand.self, AmenityGetCommand.self,
            AmenitySuggestCommand.self, AmenityCompareCommand.self, AmenityCardCommand.self, AmenityChangesCommand.self,
            RequestCommand.self, FeedbackCommand.self, ReportCommand.self, CallCommand.self, TailCommand.self,
            DatabaseCommand.self, QueueCommand.self, TokenCommand.self, AuditCommand.self, DatumCommand.self,
            EvaluateCommand.self, BenchCommand.self, VersionCommand.self,
            AmenityNounCommand.self,
        ]
    )

    package init() {}

    /// Runs the process's command line and ends the process.
    package static func start() async -> Never {
        Glibc.exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Parses and runs a command line and says with which status the process should end.
    package static func run(_ arguments: [String]) async -> CommandStatus {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .success
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any Error) -> CommandStatus {
        if let status = error as? CommandStatus { return status }
        if let failure = CommandFailure(error) {
            Terminal.note("amenity: \(failure.description)")
            return failure.status
        }
        let code = exitCode(for: error)
        guard code != .success else {
            // Help and versions were asked for: they are the data.
            Terminal.print(fullMessage(for: error))
            return .success
        }
        Terminal.note(fullMessage(for: error))
        // ArgumentParser ends with 64 (EX_USAGE) on a wrong command line.
        return code == .validationFailure ? .usage : .failed
    }
}

/// A command that has said all there is to say ends by throwing its status.
extension CommandStatus: Error {}
