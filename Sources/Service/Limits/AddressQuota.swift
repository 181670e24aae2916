import Access
import Synchronization

/// So much of something in a time from one address, over whatever connections. Each thing counts until it is as old as the
/// time; the same thing again counts once.
final class AddressQuota: Sendable {
    private struct Item {
        let mark: Int
        /// Nanoseconds of a monotonic clock.
        let at: Int64
    }

    private struct State {
        var most: Int
        /// By address, the oldest first.
        var counted: RecentTable<IPAddress, [Item]>
        var lastMark = 0
    }

    private let period: Int64
    private let state: Mutex<State>

    /// - Parameters:
    ///   - most: of an address in the time.
    ///   - addresses: how many are remembered.
    init(_ most: Int, per period: Duration, addresses: Int) {
        self.period = period.nanoseconds
        state = Mutex(State(most: most, counted: RecentTable(limit: addresses)))
    }

    /// Takes on another number; what was counted stays.
    func adopt(_ most: Int) { state.withLock { $0.most = most } }

    /// Milliseconds until an address has room for one more; `nil` where it has.
    func wait(_ address: IPAddress, at now: Int64) -> Int? {
        state.withLock { Self.wait(address, period, at: now, &$0) }
    }

    /// Counts a thing that tells itself apart by its mark, whether or not there is room.
    func count(_ mark: Int, of address: IPAddress, at now: Int64) {
        state.withLock { Self.count(mark, address, at: now, &$0) }
    }

    private static func wait(_ address: IPAddress, _ period: Int64, at now: Int64, _ state: inout State) -> Int? {
        // Else whoever only looks would push others out of the table.
        guard state.counted.contains(address) else { return nil }
        let most = state.most
        return state.counted.update(address, default: { [] }) { items in
            items.removeAll { $0.at + period <= now }
            guard items.count >= most else { return nil }
            let left = items[items.count - most].at + period - now
            return Int((left + 999_999) / 1_000_000)
        }
    }

    private static func count(_ mark: Int, _ address: IPAddress, at now: Int64, _ state: inout State) {
        let most = state.most
        state.counted.update(address, default: { [] }) { items in
            guard !items.contains(where: { $0.mark == mark }) else { return }
            items.append(Item(mark: mark, at: now))
            // More are never looked at.
            items.removeFirst(max(0, items.count - most))
        }
    }
}

extension AddressQuota {
    /// What one address has of it.
    struct Share: Sendable {
        fileprivate let quota: AddressQuota
        fileprivate let address: IPAddress
        fileprivate let now: @Sendable () -> Int64

        /// Takes one of what there is.
        ///
        /// - Throws: ``ErrorCode/quotaExceeded`` where there is none.
        func take() throws(CallError) -> Place {
            let now = now()
            let (mark, wait) = quota.state.withLock { state -> (Int, Int?) in
                let wait = AddressQuota.wait(address, quota.period, at: now, &state)
                guard wait == nil else { return (0, wait) }
                state.lastMark += 1
                AddressQuota.count(state.lastMark, address, at: now, &state)
                return (state.lastMark, nil)
            }
            if let wait { throw .quotaExceeded(retryAfter: wait) }
            return Place(share: self, mark: mark)
        }
    }

    /// What was taken, for giving it back.
    struct Place: Sendable {
        fileprivate let share: Share
        fileprivate let mark: Int

        /// Makes room again, since it came to nothing.
        func giveBack() {
            share.quota.state.withLock { state in
                guard state.counted.contains(share.address) else { return }
                state.counted.update(share.address, default: { [] }) { items in items.removeAll { $0.mark == mark } }
            }
        }
    }

    /// - Parameter now: nanoseconds of a monotonic clock.
    func share(of address: IPAddress, now: @escaping @Sendable () -> Int64) -> Share {
        Share(quota: self, address: address, now: now)
    }
}

extension CallError {
    /// The answer to a caller without a token who has handed in as much as his address may.
    static func quotaExceeded(retryAfter milliseconds: Int) -> CallError {
        var error = CallError(.quotaExceeded, "your address has handed in as much as it may in an hour without a token")
        error.retryAfterMilliseconds = milliseconds
        error.hint = "come again later, or call with a token, which has no such limit"
        return error
    }

    /// The answer to whoever has shown one wrong token after another.
    static func tooManyWrongTokens(retryAfter milliseconds: Int) -> CallError {
        var error = CallError(.rateLimited, "too many wrong tokens came from your address")
        error.retryAfterMilliseconds = milliseconds
        error.hint = "calls without a token are served meanwhile, and those with one that has been used here before"
        return error
    }
}
