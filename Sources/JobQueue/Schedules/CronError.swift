/// Why a text is no cron line.
package struct CronError: Error, Equatable, Sendable {
    /// The field that is wrong; `nil` where it is the line as a whole.
    let field: CronField?
    let reason: String

    init(_ field: CronField?, _ reason: String) {
        self.field = field
        self.reason = reason
    }
}

extension CronError: CustomStringConvertible {
    package var description: String { field.map { "the \($0.name) of the cron line: \(reason)" } ?? reason }
}

extension StringProtocol {
    /// The text in quotes, cut short, for a message.
    var quoted: String { count > 24 ? "“\(prefix(24))…”" : "“\(self)”" }
}
