import FoundationEssentials
package import Postgres

extension Lookup {
    /// Amenities that answer words and wishes near a park or a point, with what was understood of the words.
    package func search(
        _ search: AmenitySearch,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> Page {
        let reference = try await reference(until: deadline)
        try search.check(reference)
        let cursor = try search.cursor.map { text throws(CatalogError) in
            guard let cursor = Cursor(text), SearchLadder.Step(rawValue: cursor.step) != nil else {
                throw .cursorMismatch
            }
            return cursor
        }
        var ladder = SearchLadder(search, reference: reference, language: language)
        if let reading = ladder.reading, reading.isEmpty {
            // Nothing but signs: that is no question, and everything would be no answer.
            return page(SearchOutcome(), ladder, nil, language)
        }
        guard
            ladder.reading != nil || ladder.origin.point != nil || !search.categories.isEmpty
                || !search.attributes.isEmpty
        else { throw .invalid(member: "park", expected: "a park, a point (near), words (q), categories or attributes") }
        let wanted = try await openSchedules(of: search, until: deadline)
        let outcome = try await climb(&ladder, cursor, wanted?.schedules, language, until: deadline)
        let facts = try await facts(
            of: outcome.rows.map(\.listing),
            for: search,
            clock: wanted?.clock,
            language: language,
            until: deadline
        )
        return page(outcome, ladder, facts, language)
    }

    /// What a search has found.
    struct SearchOutcome: Sendable {
        var rows: [ListedAmenity] = []
        var hasMore = false
        var counts: SearchCounts?
        var asOf: Timestamp?
        var step = SearchLadder.Step.everything
        var rung = Rung.none
        /// Words of names that were taken for others.
        var corrections: [QueryUnderstanding.Correction] = []
    }

    /// Takes the first step that finds something; a later page takes the step of the first one.
    private func climb(
        _ ladder: inout SearchLadder,
        _ cursor: Cursor?,
        _ schedules: [Schedule]?,
        _ language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> SearchOutcome {
        var openNow: [Schedule]?
        if ladder.reading?.wantsOpen == true, schedules == nil {
            openNow = try await self.schedules(openAt: .now, until: deadline).schedules
        }
        let reader = ListingShelf.Reader(language: language, reference: ladder.reference)
        for step in SearchLadder.Step.allCases {
            if step == .corrected { ladder.correct(language) }
            guard cursor.map({ $0.step == step.rawValue }) ?? true else { continue }
            var names: (atoms: [Atom], corrections: [QueryUnderstanding.Correction])?
            if step == .correctedNames { names = try await correctedNames(ladder.reading?.rest ?? [], until: deadline) }
            let asked = ladder.criteria(at: step, names: names?.atoms, schedules: schedules, openNow: openNow)
            guard let criteria = asked else { continue }
            var outcome = try await look(for: criteria, ladder.search.limit, cursor, reader, until: deadline)
            guard !outcome.rows.isEmpty || cursor != nil else { continue }
            outcome.step = step
            outcome.corrections = names?.corrections ?? ladder.reading(at: step)?.corrections ?? []
            outcome.rung = rung(of: outcome, ladder, criteria)
            return outcome
        }
        return SearchOutcome()
    }

    private func rung(of outcome: SearchOutcome, _ ladder: SearchLadder, _ criteria: SearchCriteria) -> Rung {
        switch outcome.step {
        case .everything:
            guard ladder.reading != nil, !criteria.isBrowsing else { return .browse }
            switch outcome.rows.first?.closeness {
            case 3: return .exact
            case 2 where criteria.words != nil: return .prefix
            default: return .phrase
            }
        case .corrected, .correctedNames: return .typo
        case .concepts, .standIns, .oneWishLess, .noWishes, .someWords: return .partial
        }
    }

    private func look(
        for criteria: SearchCriteria,
        _ limit: Int,
        _ cursor: Cursor?,
        _ reader: ListingShelf.Reader,
        until deadline: Deadline
    ) async throws(CatalogError) -> SearchOutcome {
        var outcome = SearchOutcome()
        if criteria.isBrowsing, let point = criteria.origin.point {
            outcome.rows = try await browse(criteria, around: Spot(point), limit + 1, cursor, reader, until: deadline)
        } else {
            let statement = RankedAmenities(
                criteria: criteria,
                rows: limit + 1,
                cursor: cursor,
                language: reader.language
            )
            let found = try await run(statement, until: deadline)
            outcome.rows = found.compactMap(\.amenity)
            outcome.counts = found.first?.counts
            outcome.asOf = found.first?.asOf
        }
        outcome.hasMore = outcome.rows.count > limit
        if outcome.hasMore { outcome.rows.removeLast(outcome.rows.count - limit) }
        return outcome
    }

    /// What is nearest, places without a known location among the others by their regions.
    private func browse(
        _ criteria: SearchCriteria,
        around spot: Spot,
        _ rows: Int,
        _ cursor: Cursor?,
        _ reader: ListingShelf.Reader,
        until deadline: Deadline
    ) async throws(CatalogError) -> [ListedAmenity] {
        let (near, mayHaveOthers) =
            try await locatedAmenities(criteria, around: spot, rows, cursor, reader, until: deadline)
        guard mayHaveOthers, !criteria.origin.reaches.isEmpty else { return near }
        let regional = RegionalAmenities(criteria: criteria, rows: rows, cursor: cursor)
        let others = try await run(regional, until: deadline).compactMap(\.self)
        guard !others.isEmpty else { return near }
        return (near + others).sorted { $0.isBefore($1) }
    }

    /// What is nearest of that whose location is known, and whether there may be something else.
    private func locatedAmenities(
        _ criteria: SearchCriteria,
        around spot: Spot,
        _ rows: Int,
        _ cursor: Cursor?,
        _ reader: ListingShelf.Reader,
        until deadline: Deadline
    ) async throws(CatalogError) -> (amenities: [ListedAmenity], mayHaveOthers: Bool) {
        guard cursor == nil, let radius = criteria.radiusMetres, let category = criteria.onlyCategory else {
            let statement = NearestAmenities(criteria: criteria, spot: spot, rows: rows, cursor: cursor)
            return (try await run(statement, until: deadline).compactMap(\.self), true)
        }
        let statement = NearestOfCategory(category: category, spot: spot, radiusMetres: radius, rows: rows)
        let found = try await run(statement, until: deadline)
        let near = found.filter { $0.sortKey <= radius }
        return (
            try await listings(of: near, in: category, for: reader, until: deadline),
            found.first?.hasOthers ?? true
        )
    }

    /// The listings of amenities that were found in a category, without those that have left it just now.
    private func listings(
        of found: [NearestOfCategory.Row],
        in category: String,
        for reader: ListingShelf.Reader,
        until deadline: Deadline
    ) async throws(CatalogError) -> [ListedAmenity] {
        let now = Timestamp(unixSeconds: Date.now.timeIntervalSince1970)
        var (listings, missing) = listingShelf.take(found, for: reader, at: now)
        if !missing.isEmpty {
            let read = try await run(VersionedListings(ids: missing), until: deadline)
            let distances = Dictionary(found.map { ($0.id, $0.sortKey) }) { first, _ in first }
            for listing in listingShelf.keep(read, for: reader) where listing.category == category {
                listings.append(ListedAmenity(listing: listing, sortKey: distances[listing.id] ?? 0))
            }
        }
        if zip(listings, listings.dropFirst()).contains(where: { $1.isBefore($0) }) {
            listings.sort { $0.isBefore($1) }
        }
        return listings
    }

    /// The words with those put right that are a slip or two away from a word of some name.
    private func correctedNames(
        _ atoms: [Atom],
        until deadline: Deadline
    ) async throws(CatalogError) -> (atoms: [Atom], corrections: [QueryUnderstanding.Correction])? {
        let words = atoms.filter { !$0.isCharacter && (4...40).contains($0.text.utf8.count) }.map(\.text).prefix(8)
        guard !words.isEmpty else { return nil }
        let near = try await run(NearestWords(words: Array(words)), until: deadline)
        var corrections: [QueryUnderstanding.Correction] = []
        var corrected = atoms
        for index in corrected.indices {
            let word = Array(corrected[index].text.utf8)
            let candidates = near.filter { $0.word == corrected[index].text && $0.candidate != $0.word }
            let distances = candidates.compactMap { candidate in
                EditDistance.between(word, Array(candidate.candidate.utf8), limit: word.count < 8 ? 1 : 2)
                    .map { (distance: $0, word: candidate.candidate) }
            }
            guard let best = distances.min(by: { $0.distance < $1.distance }) else { continue }
            corrections.append(QueryUnderstanding.Correction(from: corrected[index].text, to: best.word))
            corrected[index].text = best.word
        }
        return corrections.isEmpty ? nil : (corrected, corrections)
    }
}

extension AmenitySearch {
    /// What cannot be right is refused by name.
    func check(_ reference: Reference) throws(CatalogError) {
        if let park, reference.gazetteer.park(park) == nil {
            throw .unknownPark(park, known: reference.gazetteer.parkIDs.sorted())
        }
        guard Self.limits.contains(limit) else { throw .invalid(member: "limit", expected: "integer 1..100") }
        if let radius = radiusMetres, !Self.radii.contains(radius) {
            throw .invalid(member: "radius_m", expected: "metres, 1..1000000")
        }
        if let nationality, !Nationality.isCode(nationality) {
            throw .invalid(member: "nationality", expected: Nationality.expectation)
        }
        if let index = languages.firstIndex(where: { SpokenLanguage.primarySubtag(of: $0) == nil }) {
            throw .invalid(member: "languages/\(index)", expected: "a language tag such as ja or zh-Hans")
        }
        if let index = categories.firstIndex(where: { !reference.isCategory($0) }) {
            throw .unknownCode(
                member: "categories/\(index)",
                nearest: reference.nearestCode(to: categories[index], isCategory: true)
            )
        }
        if let index = attributes.firstIndex(where: { !reference.isAttribute($0) }) {
            throw .unknownCode(
                member: "attributes/\(index)",
                nearest: reference.nearestCode(to: attributes[index], isCategory: false)
            )
        }
        try household.check(reference)
        try near?.check(member: "near")
    }
}

extension Coordinate {
    /// Refuses what is nowhere on Earth, and says so where latitude and longitude have changed places.
    func check(member: String) throws(CatalogError) {
        let isSwapped = (-90.0...90).contains(longitude) && (90.0...180).contains(abs(latitude))
        guard (-90.0...90).contains(latitude) else {
            let hint = isSwapped ? "; \(latitude) is a longitude: are lat and lon swapped?" : ""
            throw .invalid(member: member + "/lat", expected: "-90..90" + hint)
        }
        guard (-180.0...180).contains(longitude) else { throw .invalid(member: member + "/lon", expected: "-180..180") }
    }
}
