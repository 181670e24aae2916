import Access
import Logging
import Synchronization

/// One line a call: who asked what, how it ended and how long it took; no texts, no secrets, no phone numbers.
///
/// Failed and slow calls always; of the others one in twenty above 200 a second, so that the log is not what limits the
/// service.
final class RequestLog: Sendable {
    struct Line {
        let connection: Int
        let requestID: String
        let method: String
        let role: Role
        let microseconds: Int
        let error: ErrorCode?
    }

    private let logger: Logger
    /// The current second in the upper bits, its calls so far in the lower 24; failures apart from the rest.
    private let window = Atomic<UInt64>(0)
    private let failures = Atomic<UInt64>(0)

    init(_ logger: Logger) { self.logger = logger }

    /// Whether a call gets a line; decided before the line is made.
    func wants(microseconds: Int, error: ErrorCode?, second: UInt64) -> Bool {
        guard logger.logLevel <= .info else { return false }
        if let error, error != .shuttingDown { return Self.count(second, in: failures) < Self.failuresPerSecond }
        let count = Self.count(second, in: window)
        return microseconds >= Self.slow || count <= Self.everyoneUpTo || count % Self.oneIn == 0
    }

    func write(_ line: Line) {
        var metadata: Logger.Metadata = [
            "conn": "\(line.connection)", "rid": "\(line.requestID)", "method": "\(line.method)",
            "role": "\(line.role.rawValue)", "ms": "\(Double(line.microseconds) / 1000)",
        ]
        if let error = line.error { metadata["code"] = "\(error.rawValue)" }
        logger.info("call", metadata: metadata)
    }

    private static func count(_ second: UInt64, in window: borrowing Atomic<UInt64>) -> UInt64 {
        let base = second << 24
        let seen = window.load(ordering: .relaxed)
        // Two threads may both begin a second: a line too many is no harm.
        guard seen >> 24 == second & 0xFF_FFFF_FFFF else {
            window.store(base + 1, ordering: .relaxed)
            return 1
        }
        return window.add(1, ordering: .relaxed).newValue & 0xFF_FFFF
    }

    private static let slow = 200_000
    private static let everyoneUpTo: UInt64 = 200
    private static let oneIn: UInt64 = 20
    /// Failures are logged always, but for a flood of them.
    private static let failuresPerSecond: UInt64 = 2000
}
