import Catalog
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

    /// Keeps a request and has it answered.
    ///
    /// - Parameters:
    ///   - origin: the id of the call, for the log of whoever answers.
    ///   - session: in a transaction, after whose commit the receipt is to be announced.
    package func submit(
        _ draft: RequestDraft,
        origin: String? = nil,
        in session: Session
    ) async throws(IntakeError) -> Receipt {
        try check(draft)
        let secret = Self.makeSecret()
        return try await IntakeError.wrapping {
            let known = try await session.execute(UnknownCodes(draft: draft))
            guard known.knowsPark else {
                throw IntakeError.unknownPark(draft.park ?? "", known: try await session.execute(ParkIDs()))
            }
            if let code = known.unknown.first { throw draft.rejects(code) }
            let id = try await session.execute(TakeRequest(secret: secret, draft: draft, origin: origin))
            return Receipt(id: id, secret: secret, status: "received", jobKind: RequestHandler.kind)
        }
    }

    /// Keeps what somebody says of an amenity and has it handled.
    ///
    /// - Parameters:
    ///   - origin: the id of the call, for the log of whoever handles it.
    ///   - session: in a transaction, after whose commit the receipt is to be announced.
    package func submit(
        _ draft: FeedbackDraft,
        origin: String? = nil,
        in session: Session
    ) async throws(IntakeError) -> Receipt {
        var draft = draft
        // A text without words says nothing.
        if draft.text?.contains(where: { !$0.isWhitespace }) == false { draft.text = nil }
        try check(draft)
        let secret = Self.makeSecret()
        return try await IntakeError.wrapping { [draft] in
            guard let id = try await session.execute(TakeFeedback(secret: secret, draft: draft, origin: origin)) else {
                throw IntakeError.notFound(what: "amenity", id: draft.amenity)
            }
            return Receipt(id: id, secret: secret, status: "received", jobKind: FeedbackHandler.kind)
        }
    }

    /// Tells the workers of a submission that is committed.
    package func announce(_ receipt: Receipt) { notifier?.mark(receipt.jobKind) }

    /// Keeps a request in a transaction of its own.
    package func submit(
        _ draft: RequestDraft,
        origin: String? = nil,
        until deadline: Deadline
    ) async throws(IntakeError) -> Receipt {
        try await transaction(until: deadline) { try await submit(draft, origin: origin, in: $0) }
    }

    /// Keeps what somebody says of an amenity in a transaction of its own.
    package func submit(
        _ draft: FeedbackDraft,
        origin: String? = nil,
        until deadline: Deadline
    ) async throws(IntakeError) -> Receipt {
        try await transaction(until: deadline) { try await submit(draft, origin: origin, in: $0) }
    }

    /// A request and its answer, as a JSON object.
    ///
    /// - Parameter key: why the caller may see it.
    /// - Throws: ``IntakeError/notFound(what:id:)``, also for a wrong secret and where the caller may not see it.
    package func request(_ id: UUID, by key: RecordKey, until deadline: Deadline) async throws(IntakeError) -> JSONText
    {
        let record = try await read(
            RequestBySecret(id: id, secret: key.secret ?? ""),
            else: RequestRecord(id: id),
            by: key,
            until: deadline
        )
        guard let record else { throw .notFound(what: "request", id: id.uuidString.lowercased()) }
        return record
    }

    /// A feedback and what became of it, as a JSON object.
    ///
    /// - Parameter key: why the caller may see it.
    /// - Throws: ``IntakeError/notFound(what:id:)``, also for a wrong secret and where the caller may not see it.
    package func feedback(_ id: UUID, by key: RecordKey, until deadline: Deadline) async throws(IntakeError) -> JSONText
    {
        let record = try await read(
            FeedbackBySecret(id: id, secret: key.secret ?? ""),
            else: FeedbackRecord(id: id),
            by: key,
            until: deadline
        )
        guard let record else { throw .notFound(what: "feedback", id: id.uuidString.lowercased()) }
        return record
    }

    // MARK: Checks

    private func check(_ draft: RequestDraft) throws(IntakeError) {
        try checkText(draft.text, isRequired: true)
        try checkNationality(draft.nationality)
    }

    private func check(_ draft: FeedbackDraft) throws(IntakeError) {
        try checkText(draft.text ?? "", isRequired: false)
        try checkNationality(draft.nationality)
        if let stars = draft.stars, !(1...5).contains(stars) {
            throw .invalid(member: "stars", expected: "integer 1..5")
        }
        if let correction = draft.correction {
            guard Self.correctableFields.contains(correction.field) else {
                let fields = Self.correctableFields.joined(separator: ", ")
                throw .invalid(member: "correction/field", expected: "one of \(fields)")
            }
            guard !correction.value.isEmpty, correction.value.count <= 500 else {
                throw .invalid(member: "correction/value", expected: "1 to 500 characters")
            }
        }
        guard draft.text != nil || draft.stars != nil || draft.correction != nil else {
            throw .invalid(member: "text", expected: "a text, stars or a correction")
        }
    }

    private func checkText(_ text: String, isRequired: Bool) throws(IntakeError) {
        guard text.count <= Self.longestText, !isRequired || text.contains(where: { !$0.isWhitespace }) else {
            throw .invalid(member: "text", expected: "1 to \(Self.longestText) characters")
        }
    }

    private func checkNationality(_ nationality: String?) throws(IntakeError) {
        guard let nationality, !Nationality.isCode(nationality) else { return }
        throw .invalid(member: "nationality", expected: Nationality.expectation)
    }

    /// What a reporter may correct.
    static let correctableFields = ["name", "phone", "address", "website", "hours", "languages", "location", "closed"]

    /// 128 random bits as 32 hexadecimal digits.
    private static func makeSecret() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(random.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    // MARK: Running

    private func transaction(
        until deadline: Deadline,
        _ body: (Session) async throws -> Receipt
    ) async throws(IntakeError) -> Receipt {
        let receipt = try await IntakeError.wrapping { try await pool.withTransaction(until: deadline, body) }
        announce(receipt)
        return receipt
    }

    /// By the secret, or else by what the role sees.
    private func read(
        _ bySecret: some RecordStatement,
        else byRole: some RecordStatement,
        by key: RecordKey,
        until deadline: Deadline
    ) async throws(IntakeError) -> JSONText? {
        if key.secret != nil, let record = try await read(bySecret, after: nil, until: deadline) { return record }
        guard let opening = key.opening else { return nil }
        return try await read(byRole, after: opening, until: deadline)
    }

    private func read<S: RecordStatement>(
        _ statement: S,
        after opening: (any Statement)?,
        until deadline: Deadline
    ) async throws(IntakeError) -> JSONText? {
        do {
            return try await pool.read(statement, after: opening, until: deadline)
        } catch {
            throw .database(error)
        }
    }
}

extension RequestDraft {
    fileprivate func rejects(_ code: String) -> IntakeError {
        if let index = categories.firstIndex(of: code) {
            return .invalid(member: "categories/\(index)", expected: "a code of taxonomy.list")
        }
        return .invalid(
            member: "attributes/\(attributes.firstIndex(of: code) ?? 0)",
            expected: "a code of taxonomy.list"
        )
    }
}
