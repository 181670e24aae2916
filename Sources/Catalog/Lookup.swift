package import Postgres

/// One page of an answer: a JSON object without `_meta`, and where the next page begins.
package struct Page: Sendable {
    package let json: JSONText
    package let next: String?
}

/// Answers what people look up. The database builds the JSON; this decides what to ask it.
package struct Lookup: Sendable {
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

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

    /// Amenities near a park or a point, nearest first, with what was understood of the words.
    package func search(
        _ search: AmenitySearch,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> Page {
        try check(search)
        var understanding = Understanding()
        if let q = search.q, !q.isEmpty {
            understanding = try await run(UnderstandText(text: q, language: language), until: deadline)
        }
        // What the caller chose is not widened by what the words say.
        let categories = search.categories.isEmpty ? understanding.categories : search.categories
        let attributes = search.attributes + understanding.attributes
        let isUnderstood = !understanding.categories.isEmpty || !understanding.attributes.isEmpty
        let words = isUnderstood ? nil : search.q.flatMap { $0.isEmpty ? nil : $0 }

        let fingerprint = search.fingerprint(categories: categories, attributes: attributes)
        let cursor = try search.cursor.map { text throws(CatalogError) in
            guard let cursor = Cursor(text), cursor.search == fingerprint else { throw .cursorMismatch }
            return cursor
        }
        let wanted = try await openSchedules(of: search, until: deadline)
        let found = try await run(
            SearchAmenities(
                search: search,
                categories: categories,
                attributes: attributes,
                words: words,
                language: language,
                cursor: cursor,
                openSchedules: wanted?.schedules
            ),
            until: deadline
        )
        if let park = search.park, !found.knowsPark { throw try await unknownPark(park, until: deadline) }
        if let code = found.unknownCodes.first { throw unknownCode(code, in: search) }
        var next: String?
        if found.hasMore, let reach = found.lastReach, let id = found.lastID {
            next = Cursor(reach: reach, id: id, search: fingerprint).text
        }
        let facts = try await facts(of: found, for: search, clock: wanted?.clock, language: language, until: deadline)
        let json = JSONText.object(
            ("items", found.json(with: facts)),
            ("understood", understanding.json(words: words))
        )
        return Page(json: json, next: next)
    }

    /// The whole record of an amenity by id or slug.
    ///
    /// - Throws: ``CatalogError/notFound(what:id:)``
    package func amenity(
        _ reference: String,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> JSONText {
        let record = try await run(AmenityRecord(reference: reference, language: language), until: deadline)
        guard let record else { throw .notFound(what: "amenity", id: reference) }
        return try await completed(record, until: deadline)
    }

    // MARK: Checks

    private func check(_ search: AmenitySearch) throws(CatalogError) {
        guard search.park != nil || search.near != nil else {
            throw .invalid(member: "park", expected: "a park or a point (near)")
        }
        guard AmenitySearch.limits.contains(search.limit) else {
            throw .invalid(member: "limit", expected: "integer 1..100")
        }
        if let radius = search.radiusMetres, !AmenitySearch.radii.contains(radius) {
            throw .invalid(member: "radius_m", expected: "metres, 1..1000000")
        }
        if let nationality = search.nationality, !Nationality.isCode(nationality) {
            throw .invalid(member: "nationality", expected: Nationality.expectation)
        }
        if let index = search.languages.firstIndex(where: { SpokenLanguage.primarySubtag(of: $0) == nil }) {
            throw .invalid(member: "languages/\(index)", expected: "a language tag such as ja or zh-Hans")
        }
        guard let near = search.near else { return }
        guard (-90.0...90).contains(near.latitude) else { throw .invalid(member: "near/lat", expected: "-90..90") }
        guard (-180.0...180).contains(near.longitude) else { throw .invalid(member: "near/lon", expected: "-180..180") }
    }

    private func unknownCode(_ code: String, in search: AmenitySearch) -> CatalogError {
        if let index = search.categories.firstIndex(of: code) {
            return .invalid(member: "categories/\(index)", expected: "a code of taxonomy.list")
        }
        let index = search.attributes.firstIndex(of: code) ?? 0
        return .invalid(member: "attributes/\(index)", expected: "a code of taxonomy.list")
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

extension Understanding {
    /// The contract's `understood`. Codes and adcodes need no escaping; the words do.
    fileprivate func json(words: String?) -> JSONText {
        var members: [(String, JSONText)] = [
            ("categories", .strings(categories)),
            ("attributes", .strings(attributes)),
        ]
        if let region { members.append(("place", .string(region))) }
        members.append(("text", .string(words ?? "")))
        return .object(members)
    }
}
