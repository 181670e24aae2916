package import FoundationEssentials
package import JobQueue
package import Postgres

/// Takes requests and feedback in. Each becomes a job in the transaction that keeps it: neither exists without the other.
package struct Desk: Sendable {
    private let pool: Pool
    private let notifier: Notifier?

    /// - Parameter notifier: learns of every job that was enqueued.
    package init(pool: Pool, notifier: Notifier? = nil) {
        self.pool = pool
        self.notifier = notifier
    }

    /// The longest text, in characters.
    package static let longestText = 4000

    /// Keeps what somebody hands in and has it answered or handled.
    ///
    /// - Parameters:
    ///   - origin: the id of the call, for the log of whoever does.
    ///   - session: in a transaction, after whose commit the receipt is to be announced.
    package func submit<D: Draft>(
        _ draft: D,
        origin: String? = nil,
        in session: Session
    ) async throws(IntakeError) -> Receipt {
        let draft = try draft.checked()
        let secret = Self.makeSecret()
        return try await IntakeError.wrapping {
            let id = try await draft.keep(secret: secret, origin: origin, in: session)
            return Receipt(id: id, secret: secret, status: "received", jobKind: D.jobKind)
        }
    }

    /// Tells the workers of a submission that is committed.
    package func announce(_ receipt: Receipt) { notifier?.mark(receipt.jobKind) }

    /// Keeps what somebody hands in, in a transaction of its own.
    package func submit(
        _ draft: some Draft,
        origin: String? = nil,
        until deadline: Deadline
    ) async throws(IntakeError) -> Receipt {
        let receipt = try await IntakeError.wrapping {
            try await pool.withTransaction(until: deadline) { try await submit(draft, origin: origin, in: $0) }
        }
        announce(receipt)
        return receipt
    }

    /// A request and its answer, as a JSON object.
    ///
    /// - Parameter key: why the caller may see it.
    /// - Throws: ``IntakeError/notFound(what:id:)``, also for a wrong secret and where the caller may not see it.
    package func request(_ id: UUID, by key: RecordKey, until deadline: Deadline) async throws(IntakeError) -> JSONText
    {
        let bySecret = key.secret.map { RequestBySecret(id: id, secret: $0) }
        return try await read(bySecret, else: RequestRecord(id: id), by: key, "request", until: deadline)
    }

    /// A feedback and what became of it, as a JSON object.
    ///
    /// - Parameter key: why the caller may see it.
    /// - Throws: ``IntakeError/notFound(what:id:)``, also for a wrong secret and where the caller may not see it.
    package func feedback(_ id: UUID, by key: RecordKey, until deadline: Deadline) async throws(IntakeError) -> JSONText
    {
        let bySecret = key.secret.map { FeedbackBySecret(id: id, secret: $0) }
        return try await read(bySecret, else: FeedbackRecord(id: id), by: key, "feedback", until: deadline)
    }

    // MARK: Private

    /// 128 random bits as 32 hexadecimal digits.
    private static func makeSecret() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(random.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// By the secret, or else by what the role sees.
    private func read(
        _ bySecret: (some RecordStatement)?,
        else byRole: some RecordStatement,
        by key: RecordKey,
        _ what: String,
        until deadline: Deadline
    ) async throws(IntakeError) -> JSONText {
        do {
            if let bySecret, let record = try await pool.read(bySecret, after: nil, until: deadline) { return record }
            if let opening = key.opening, let record = try await pool.read(byRole, after: opening, until: deadline) {
                return record
            }
        } catch {
            throw .database(error)
        }
        throw .notFound(what: what, id: byRole.id.uuidString.lowercased())
    }
}
