/// What a command's exit code says, for scripts that branch on it.
package enum CommandStatus: Int32, Sendable {
    case success = 0
    case failed = 1
    case usage = 2
    case notFound = 3
    case notAllowed = 4
    case conflict = 5
    /// Try again later.
    case busy = 6
    /// A part of a bulk operation failed.
    case partial = 7
    /// A comparison found differences.
    case different = 8
    case deadline = 124
    case interrupted = 130
}

/// Why a command stops: a message that says what, why and what to do, and the exit code.
package struct CommandFailure: Error, Sendable, CustomStringConvertible {
    package let status: CommandStatus
    package let description: String

    package init(_ status: CommandStatus = .failed, _ description: String) {
        self.status = status
        self.description = description
    }
}
