import ArgumentParser

/// `amenity audit`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look at the log of who did what, and prove that nobody has changed it.",
        subcommands: [AuditVerifyCommand.self, AuditListCommand.self]
    )
}
