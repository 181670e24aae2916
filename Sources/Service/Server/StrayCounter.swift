import NIOCore

/// Counts responses that a client sends though nobody asked it anything.
struct StrayCounter {
    private let limit: Int
    private var count = 0
    private var windowEnd = NIODeadline.uptimeNanoseconds(0)

    init(limit: Int) { self.limit = limit }

    /// Counts one; true when there were too many within a minute.
    mutating func isOneTooMany(at now: NIODeadline) -> Bool {
        if now >= windowEnd {
            windowEnd = now + .minutes(1)
            count = 0
        }
        count += 1
        return count > limit
    }
}
