package import Postgres

/// One page of an answer: a JSON object without `_meta`, and where the next page begins.
package struct Page: Sendable {
    package let json: JSONText
    package let next: String?
    /// How many there are on all pages, where that was asked for.
    package var total: Int?
}

/// Answers what people look up. The database builds the JSON; this decides what to ask it.
package struct Lookup: Sendable {
    private let pool: Pool
    private let references: ReferenceShelf
    let listingShelf: ListingShelf

    /// - Parameter listingBytes: what listings may take that are kept in memory between searches.
    package init(pool: Pool, listingBytes: Int = listingMebibytes << 20) {
        self.pool = pool
        listingShelf = ListingShelf(bytes: listingBytes)
        references = ReferenceShelf(pool: pool)
    }

    /// Room for the listings of a hundred thousand amenities in two languages.
    package static let listingMebibytes = 256

    /// Has calls from now on read the words anew, for whoever has heard that they changed.
    package func forgetWords() { references.forget() }

    func reference(until deadline: Deadline) async throws(CatalogError) -> Reference {
        try await CatalogError.wrapping { () throws(PostgresError) in try await references.reference(until: deadline) }
    }

    /// Every park, or those of a partner country (ISO 3166-1 alpha-2), as `{"items": [...]}`.
    package func parks(
        country: String?,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> JSONText {
        let statement = ListParks(country: country?.uppercased(), language: language, park: nil)
        return .object("items", try await run(statement, until: deadline))
    }

    /// One park as `{"items": [park]}`'s only item.
    ///
    /// - Throws: ``CatalogError/unknownPark(_:known:)``
    package func park(
        _ id: String,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> JSONText {
        let items = try await run(ListParks(country: nil, language: language, park: id), until: deadline)
        // The array holds one park or none.
        guard items.utf8.count > 2 else { throw try await unknownPark(id, until: deadline) }
        return JSONText(utf8: Array(items.utf8.dropFirst().dropLast()))
    }

    /// The taxonomy, or a part of it, as `{"items": [...]}`.
    package func terms(
        kind: String?,
        parent: String?,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> JSONText {
        if let kind, kind != "category", kind != "attribute" {
            throw .invalid(member: "kind", expected: "category or attribute")
        }
        return .object(
            "items",
            try await run(ListTerms(kind: kind, parent: parent, language: language), until: deadline)
        )
    }

    private func unknownPark(_ id: String, until deadline: Deadline) async throws(CatalogError) -> CatalogError {
        .unknownPark(id, known: try await run(ParkIDs(), until: deadline))
    }

    func run<S: Statement>(_ statement: S, until deadline: Deadline) async throws(CatalogError) -> S.Output {
        try await CatalogError.wrapping { () throws(PostgresError) in
            try await pool.execute(statement, until: deadline)
        }
    }
}
