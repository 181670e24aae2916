import Access
import Logging

/// One line a call: who asked what, how it ended and how long it took; no texts, no secrets, no phone numbers.
///
/// Failed and slow calls always; of the others one in twenty above 200 a second, so that the log is not what limits the
/// service.
final class RequestLog: Sendable {
    struct Line {
        let connection: Int
        let requestID: String
        let method: String
        let account: CallAccount
        let microseconds: Int
        let error: ErrorCode?
    }

    private let logger: Logger
    /// Failures apart from the rest.
    private let window = LogWindow()
    private let failures = LogWindow()

    init(_ logger: Logger) { self.logger = logger }

    /// Whether a call gets a line; decided before the line is made.
    func wants(microseconds: Int, error: ErrorCode?, second: UInt64) -> Bool {
        guard logger.logLevel <= .info else { return false }
        if let error, error != .shuttingDown { return failures.count(second) < Self.failuresPerSecond }
        let count = window.count(second)
        return microseconds >= Self.slow || count <= Self.everyoneUpTo || count % Self.oneIn == 0
    }

    func write(_ line: Line) {
        var metadata: Logger.Metadata = [
            "conn": "\(line.connection)", "rid": "\(line.requestID)", "method": "\(line.method)",
            "role": "\(line.account.role.rawValue)", "ms": "\(Double(line.microseconds) / 1000)",
        ]
        // By its number, as the audit log has it: a token may be named after a person.
        if let token = line.account.token { metadata["actor"] = "token \(token)" }
        if let time = line.account.databaseTime { metadata["db_ms"] = "\(Double(time.nanoseconds / 1000) / 1000)" }
        if let error = line.error { metadata["code"] = "\(error.rawValue)" }
        logger.info("call", metadata: metadata)
    }

    private static let slow = 200_000
    private static let everyoneUpTo: UInt64 = 200
    private static let oneIn: UInt64 = 20
    /// Failures are logged always, but for a flood of them.
    private static let failuresPerSecond: UInt64 = 2000
}
