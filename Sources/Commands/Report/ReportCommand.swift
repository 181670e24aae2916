import ArgumentParser

/// `amenity report`
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Report on what is missing, where and for whom.",
        subcommands: [ReportGapsCommand.self]
    )
}
