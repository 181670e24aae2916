import FoundationEssentials
package import Postgres

/// Writes the words by which amenities are found, for those that changed and those that another version of the fold wrote.
package struct SearchIndexer: Sendable {
    private let pool: Pool
    /// Amenities a transaction.
    private static let batch = 500

    package init(pool: Pool) { self.pool = pool }

    /// Writes until nothing is stale, batch by batch, each committed by itself: what is cut off is done again.
    ///
    /// - Returns: how many amenities were written.
    /// - Throws: `PostgresError`, `CancellationError`.
    package func refresh(until deadline: Deadline) async throws -> Int {
        var total = 0
        while true {
            try Task.checkCancellation()
            let count = try await pool.withTransaction(until: deadline) { session in
                try await Self.writeBatch(in: session)
            }
            total += count
            if count == 0 { return total }
        }
    }

    /// Writes all that is stale within the caller's transaction, which then needs no job to do it.
    static func refresh(in session: Session) async throws(PostgresError) {
        while try await writeBatch(in: session) > 0 {}
    }

    private static func writeBatch(in session: Session) async throws(PostgresError) -> Int {
        let stale = try await session.execute(StaleAmenities(version: Fold.version, limit: batch))
        guard !stale.isEmpty else { return 0 }
        let written = stale.map { (id: $0.id, words: $0.words) }
        _ = try await session.execute(WriteWords(version: Fold.version, amenities: written))
        _ = try await session.execute(WriteSearchNames(amenities: written))
        _ = try await session.execute(WriteSearchWords(words: Set(written.flatMap(\.words.plainWords)).sorted()))
        return stale.count
    }
}

/// What the words of an amenity are made of.
struct StaleAmenity: Sendable {
    struct Name: Sendable {
        let text: String
        let language: String
        /// `name`, `former` or `short`.
        let kind: String
    }

    let id: UUID
    let addresses: [String]
    let phone: String?
    let names: [Name]

    var words: SearchWords {
        var words = SearchWords()
        // What it is called now comes first, so that it is what it is sorted by.
        for name in names where name.kind == "name" {
            words.add(name: name.text, language: name.language, isCurrent: true)
        }
        for name in names where name.kind != "name" {
            words.add(name: name.text, language: name.language, isCurrent: false)
        }
        for address in addresses { words.add(address: address) }
        if let phone { words.add(phone: phone) }
        return words
    }
}
