import Postgres
import Synchronization

/// Remembers for less than a second who shows a credential, so that one that comes with every call isn't looked up for each.
///
/// What the database decides, it decides by its own table (``Principal/opening(requestID:)``), and so at once; what is
/// decided by what is remembered here, a revocation reaches within the second.
final class TokenCache: Sendable {
    private struct Entry {
        let principal: Principal
        let until: Deadline
    }

    private let entries = Mutex<[Credential: Entry]>([:])
    private let capacity: Int

    static let life: Duration = .milliseconds(900)

    init(capacity: Int = 1000) { self.capacity = capacity }

    func principal(for credential: Credential, at now: Deadline) -> Principal? {
        entries.withLock { entries in
            guard let entry = entries[credential], now < entry.until else { return nil }
            return entry.principal
        }
    }

    /// - Parameters:
    ///   - asked: when the database was asked, which is before it answered.
    ///   - secondsLeft: until the token expires by the database's clock.
    func keep(_ principal: Principal, for credential: Credential, asked: Deadline, secondsLeft: Double?) {
        let life = min(Self.life, secondsLeft.map { .seconds($0) } ?? Self.life)
        entries.withLock { entries in
            if entries.count >= capacity { entries = entries.filter { asked < $0.value.until } }
            // Full of tokens that are all in use: what is forgotten is only asked for again.
            if entries.count >= capacity { entries.removeAll(keepingCapacity: true) }
            entries[credential] = Entry(principal: principal, until: asked + life)
        }
    }
}
