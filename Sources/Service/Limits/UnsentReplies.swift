import Synchronization

/// What all connections together have written and their clients have not taken.
final class UnsentReplies: Sendable {
    private let limit: Atomic<Int>
    private let bytes = Atomic(0)
    private let holders = Atomic(0)

    init(limit: Int) { self.limit = Atomic(limit) }

    func adopt(limit: Int) { self.limit.store(limit, ordering: .relaxed) }

    var total: Int { bytes.load(ordering: .relaxed) }

    /// Notes how much one connection holds.
    func change(from old: Int, to new: Int) {
        guard old != new else { return }
        bytes.add(new - old, ordering: .relaxed)
        if old == 0 { holders.add(1, ordering: .relaxed) }
        if new == 0 { holders.subtract(1, ordering: .relaxed) }
    }

    /// Whether there is too much in all, and this connection has more than an equal share of what is allowed.
    func isTooMuch(_ own: Int) -> Bool {
        let limit = limit.load(ordering: .relaxed)
        return own > 0 && total > limit && own > limit / max(1, holders.load(ordering: .relaxed)) / 2
    }
}
