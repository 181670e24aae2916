package import Postgres

/// The audit log: a chain of entries in which each one's hash covers the one before. What a transaction notes is appended
/// once it is committed, by whoever looks at the log or by ``seal(until:)``.
package struct Audit: Sendable {
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    /// The end of the chain. Who has written it down can tell later whether the end was cut off, or all of it made anew.
    package struct Head: Sendable, Equatable {
        /// How many entries there were.
        package let number: Int64
        /// SHA-256, in lower-case hexadecimal digits; empty before the first entry.
        package let hash: String

        package init(number: Int64, hash: String) {
            self.number = number
            self.hash = hash
        }

        /// Reads what ``text`` writes.
        package init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let number = Int64(parts[0]), number >= 0,
                parts[1].count == (number == 0 ? 0 : 64), parts[1].allSatisfy(\.isHexDigit)
            else { return nil }
            self.init(number: number, hash: parts[1].lowercased())
        }

        /// `NUMBER:HASH`.
        package var text: String { "\(number):\(hash)" }
    }

    /// What was found wrong first.
    package enum Fault: Sendable, Equatable {
        /// Entries before this one are missing.
        case missing(before: Int64)
        /// This entry does not follow from the one before it: it, or that one, was changed.
        case changed(Int64)
        /// The log knows of an end that is not there: the entries after this one were cut off.
        case cutOff(after: Int64)
        /// The remembered entry is there no longer, or is another.
        case rewritten(Int64)
    }

    /// Appends what is committed and not in the chain yet.
    ///
    /// - Returns: how many entries that were.
    @discardableResult
    package func seal(until deadline: Deadline) async throws(PostgresError) -> Int {
        Int(try await pool.execute(SealAudit(), until: deadline))
    }

    /// The newest entries, as a JSON array.
    ///
    /// - Parameter below: only entries of lower numbers: the next page.
    package func list(
        act: String?,
        actor: String?,
        below: Int64?,
        limit: Int,
        until deadline: Deadline
    ) async throws(PostgresError) -> JSONText {
        try await seal(until: deadline)
        return try await pool.execute(ListAudit(act: act, actor: actor, below: below, limit: limit), until: deadline)
    }

    /// Recomputes the whole chain.
    ///
    /// - Parameter remembered: an end that it had once.
    package func verify(
        remembered: Head?,
        until deadline: Deadline
    ) async throws(PostgresError) -> (head: Head, fault: Fault?) {
        try await seal(until: deadline)
        let chain = try await pool.execute(VerifyAudit(number: remembered?.number ?? 0), until: deadline)
        return (chain.end, chain.fault(remembered: remembered))
    }
}

/// What the database found in the chain.
struct AuditChain: Sendable {
    let end: Audit.Head
    /// The first entry before which a number is missing.
    let afterGap: Int64?
    /// The first entry that does not follow from the one before.
    let broken: Int64?
    /// What the log itself says of its end.
    let recordedEnd: Audit.Head
    /// The hash of the entry that was asked for.
    let askedHash: String?

    func fault(remembered: Audit.Head?) -> Audit.Fault? {
        // Behind a gap nothing follows from what is before it, so the gap is named.
        if let afterGap, afterGap <= broken ?? .max { return .missing(before: afterGap) }
        if let broken { return .changed(broken) }
        if end != recordedEnd { return .cutOff(after: end.number) }
        guard let remembered else { return nil }
        if askedHash == nil { return .cutOff(after: end.number) }
        return askedHash == remembered.hash ? nil : .rewritten(remembered.number)
    }
}

struct SealAudit: OneRow {
    static let sql = SQL("seal_audit", PackageResources.seal_audit_sql)

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

struct ListAudit: OneRow {
    static let sql = SQL("list_audit", PackageResources.list_audit_sql)
    static let route = Route.leasedRead
    let act: String?
    let actor: String?
    let below: Int64?
    let limit: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(act)
        parameters.append(actor)
        parameters.append(below)
        parameters.append(Int32(clamping: limit))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

struct VerifyAudit: OneRow {
    static let sql = SQL("verify_audit", PackageResources.verify_audit_sql)
    static let route = Route.leasedRead
    let number: Int64

    func bind(to parameters: inout Parameters) { parameters.append(number) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> AuditChain {
        let end = Audit.Head(number: try row.next(), hash: try row.next())
        let afterGap = try row.nextIfPresent(Int64.self)
        let broken = try row.nextIfPresent(Int64.self)
        let recordedEnd = Audit.Head(number: try row.next(), hash: try row.next())
        return AuditChain(
            end: end,
            afterGap: afterGap,
            broken: broken,
            recordedEnd: recordedEnd,
            askedHash: try row.nextIfPresent()
        )
    }
}
