import Catalog
import FoundationEssentials
import Postgres
import Synchronization

/// Seals cursors, so that none can be made up, changed, or brought to another query than the one that gave it.
///
/// A cursor is what a method wrote, with a code over it, the method, the language and the other params, made with a key that only the
/// directory's processes have. The keys stand in the database, newest first; old ones open cursors for a week after they
/// were replaced.
final class CursorSeal: Sendable {
    /// The query that a cursor belongs to.
    struct Query: Sendable {
        let method: String
        /// The order of names depends on it.
        let language: Language
        /// The params that it is bound to, in one form.
        let params: [UInt8]

        /// Whether a cursor serves only the value of this parameter that it was given with. What is told of a page, and how
        /// long it is, may differ from page to page.
        static func isBound(to parameter: Parameter) -> Bool {
            !parameter.schema.isCursor && !["limit", "count", "facets"].contains(parameter.name)
        }
    }

    private struct State {
        /// By id.
        var keys: [Int16: [UInt8]] = [:]
        var newest: Int16?
        var loadedAt: ContinuousClock.Instant?
    }

    private let pool: Pool
    private let state = Mutex(State())

    init(pool: Pool) { self.pool = pool }

    /// A text for the caller.
    func seal(_ cursor: String, for query: Query, until deadline: Deadline) async throws(PostgresError) -> String {
        let id = try await newestKey(until: deadline)
        guard let key = state.withLock({ $0.keys[id] }) else { preconditionFailure("the newest key is known") }
        let head = [Self.version, UInt8(truncatingIfNeeded: id >> 8), UInt8(truncatingIfNeeded: id)] + cursor.utf8
        let sealed = head + Self.code(over: head, query, key)
        return Data(sealed).base64EncodedString(options: Self.alphabet)
    }

    /// What a method wrote into a cursor; `nil` when the text is none, or one of another query.
    func open(_ text: String, for query: Query, until deadline: Deadline) async throws(PostgresError) -> String? {
        guard let bytes = Self.bytes(of: text), bytes.count > 3 + Self.codeBytes, bytes[0] == Self.version else {
            return nil
        }
        let (head, code) = (bytes.dropLast(Self.codeBytes), bytes.suffix(Self.codeBytes))
        let id = Int16(truncatingIfNeeded: Int(head[1]) << 8 | Int(head[2]))
        guard let key = try await key(id, until: deadline) else { return nil }
        let right = Self.code(over: Array(head), query, key)
        // All bytes are looked at, so that the time says nothing about where they differ.
        guard zip(right, code).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 else { return nil }
        return String(decoding: head.dropFirst(3), as: UTF8.self)
    }

    // MARK: Form

    private static func code(over head: [UInt8], _ query: Query, _ key: [UInt8]) -> [UInt8] {
        // The parts can't run into each other: a head has its length in front, and the names have no zero.
        let length = [UInt8(truncatingIfNeeded: head.count >> 8), UInt8(truncatingIfNeeded: head.count)]
        let message = length + head + query.method.utf8 + [0] + query.language.code.utf8 + [0] + query.params
        return Array(SHA256.authenticationCode(of: message, key: key).prefix(codeBytes))
    }

    private static func bytes(of text: String) -> [UInt8]? {
        guard text.utf8.count <= 1024, !text.utf8.contains(where: { "+/=".utf8.contains($0) }) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let plain = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let bytes = Data(base64Encoded: plain) else { return nil }
        // The last character's spare bits: one cursor has one text.
        guard bytes.base64EncodedString(options: alphabet) == text else { return nil }
        return Array(bytes)
    }

    private static let version: UInt8 = 2
    private static let codeBytes = 16
    private static let alphabet: Data.Base64EncodingOptions = [.base64URLAlphabet, .omitPaddingCharacter]

    // MARK: Keys

    /// The key to seal with, looked up anew every few minutes.
    private func newestKey(until deadline: Deadline) async throws(PostgresError) -> Int16 {
        let known = state.withLock { state -> Int16? in
            guard let loadedAt = state.loadedAt, loadedAt.duration(to: .now) < Self.freshness else { return nil }
            return state.newest
        }
        if let known { return known }
        while true {
            try await load(until: deadline)
            if let newest = state.withLock({ $0.newest }) { return newest }
            _ = try await pool.execute(RotateSealingKeys.asUsual, until: deadline)
        }
    }

    /// A key by its id. An unknown one may be new, but whoever makes ids up must not make us ask each time.
    private func key(_ id: Int16, until deadline: Deadline) async throws(PostgresError) -> [UInt8]? {
        let (known, mayLoad) = state.withLock { state in
            (state.keys[id], state.loadedAt.map { $0.duration(to: .now) > .seconds(1) } ?? true)
        }
        guard known == nil, mayLoad else { return known }
        try await load(until: deadline)
        return state.withLock { $0.keys[id] }
    }

    private func load(until deadline: Deadline) async throws(PostgresError) {
        let keys = try await pool.execute(SealingKeys(), until: deadline)
        state.withLock { state in
            state.keys = Dictionary(keys.map { ($0.id, $0.key) }) { first, _ in first }
            state.newest = keys.first?.id
            state.loadedAt = .now
        }
    }

    private static let freshness = Duration.seconds(300)
}
