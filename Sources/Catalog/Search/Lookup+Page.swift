import FoundationEssentials
import Postgres

/// The answer of a search as JSON.
extension Lookup {
    func page(
        _ outcome: SearchOutcome,
        _ ladder: SearchLadder,
        _ facts: PageFacts?,
        _ language: Language
    ) -> Page {
        var items = ItemWriter(
            ladder.search,
            ladder.origin,
            ladder.reference,
            facts,
            language,
            room: outcome.rows.count
        )
        for row in outcome.rows { items.append(row.listing) }
        var members: [(String, JSONText)] = [
            ("items", items.array()), ("understood", understood(outcome, ladder, language)),
            ("rung", .string(outcome.rung.rawValue)), ("lang", .string(language.code)),
        ]
        if !ladder.search.facets.isEmpty { members.append(("facets", Self.facets(outcome.counts))) }
        if outcome.rows.isEmpty, ladder.search.cursor == nil {
            members.append(("suggestions", .array(suggestions(ladder, language))))
        }
        var next: String?
        if outcome.hasMore, let last = outcome.rows.last {
            next =
                Cursor(
                    key: last.sortKey,
                    name: last.sortName,
                    id: last.id,
                    step: outcome.step.rawValue,
                    asOf: outcome.asOf
                ).text
        }
        let total = ladder.search.count ? outcome.counts?.total ?? 0 : nil
        return Page(json: .object(members), next: next, total: total)
    }

    private static func facets(_ counts: SearchCounts?) -> JSONText {
        let members = [
            ("category", counts?.categories), ("attribute", counts?.attributes), ("region", counts?.regions),
        ]
        return .object(members.compactMap { name, value in value.map { (name, $0) } })
    }

    /// The contract's `understood`, and what else a person may want to put right.
    private func understood(_ outcome: SearchOutcome, _ ladder: SearchLadder, _ language: Language) -> JSONText {
        let reading =
            (outcome.rung == .none ? ladder.correctedReading : ladder.reading(at: outcome.step)) ?? ladder.reading
        guard let reading else {
            return .object(("categories", JSONText("[]")), ("attributes", JSONText("[]")), ("text", .string("")))
        }
        let gazetteer = ladder.reference.gazetteer
        var members: [(String, JSONText)] = [
            ("categories", .strings(reading.categories)), ("attributes", .strings(reading.attributes)),
        ]
        if let place = reading.region ?? reading.park { members.append(("place", .string(place))) }
        let placeName =
            reading.region.flatMap { gazetteer.regionName($0, in: language) }
            ?? reading.park.flatMap { gazetteer.parkName($0, in: language) }
        if let placeName { members.append(("place_name", .string(placeName))) }
        if reading.wantsOpen { members.append(("open", .string("now"))) }
        if let phone = reading.phone { members.append(("phone", .string(phone))) }
        if let nationality = reading.nationality { members.append(("nationality", .string(nationality))) }
        if !reading.excluded.isEmpty { members.append(("excluded", .strings(reading.excluded))) }
        members.append(("text", .string(reading.text)))
        let labels = (reading.categories + reading.attributes + reading.excluded).compactMap { code in
            ladder.reference.label(code, in: language).map { (code, JSONText.string($0)) }
        }
        if !labels.isEmpty { members.append(("labels", .object(labels))) }
        let corrections = outcome.corrections.isEmpty ? reading.corrections : outcome.corrections
        if !corrections.isEmpty {
            members.append(
                ("corrections", .array(corrections.map { .object(("from", .string($0.from)), ("to", .string($0.to))) }))
            )
        }
        return .object(members)
    }

    /// What somebody who found nothing may look for instead: the kinds of place that were meant, or those nearest in words.
    private func suggestions(_ ladder: SearchLadder, _ language: Language) -> [JSONText] {
        let reading = ladder.correctedReading ?? ladder.reading
        var codes = reading?.categories ?? []
        if codes.isEmpty, let atoms = reading?.rest, !atoms.isEmpty {
            codes = ladder.reference.categories(like: Atom.joined(atoms), in: language)
        }
        if codes.isEmpty { codes = ["leisure", "food", "shop", "health", "edu"] }
        return codes.prefix(5).compactMap { code in
            ladder.reference.label(code, in: language).map {
                .object(("kind", .string("category")), ("code", .string(code)), ("text", .string($0)))
            }
        }
    }
}

extension Coordinate {
    /// The contract's `location`.
    func json(precision: String) -> JSONText {
        .object(
            ("lat", JSONText("\(latitude)")),
            ("lon", JSONText("\(longitude)")),
            ("datum", .string(datum.rawValue)),
            ("precision", .string(precision))
        )
    }
}
