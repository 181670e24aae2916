import Synchronization

/// Counts lines of a kind within a second, so that no more of them are written than a log bears. Many threads may count.
final class LogWindow: Sendable {
    /// The current second in the upper bits, its lines so far in the lower 24.
    private let window = Atomic<UInt64>(0)

    /// Counts one more line.
    ///
    /// - Returns: how many there are now in this second.
    func count(_ second: UInt64) -> UInt64 {
        let base = second << 24
        let seen = window.load(ordering: .relaxed)
        // Two threads may both begin a second: a line too many is no harm.
        guard seen >> 24 == second & 0xFF_FFFF_FFFF else {
            window.store(base + 1, ordering: .relaxed)
            return 1
        }
        return window.add(1, ordering: .relaxed).newValue & 0xFF_FFFF
    }
}
