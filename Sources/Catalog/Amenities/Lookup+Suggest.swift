import FoundationEssentials
package import Postgres

extension Lookup {
    /// The most that is suggested.
    package static let suggestionLimits = 1...20

    /// What somebody may be about to type: kinds of place and properties, regions and parks, then names of amenities.
    package func suggestions(
        for typed: String,
        park: String?,
        limit: Int,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> JSONText {
        let reference = try await reference(until: deadline)
        if let park, reference.gazetteer.park(park) == nil {
            throw .unknownPark(park, known: reference.gazetteer.parkIDs.sorted())
        }
        guard Self.suggestionLimits.contains(limit) else { throw .invalid(member: "limit", expected: "integer 1..20") }
        let prefix = Fold.text(typed)
        guard !prefix.isEmpty else { return .object("items", .array([])) }
        let concepts = reference.concepts(beginningWith: prefix, in: language)
        let statement = SuggestNames(
            prefix: prefix,
            word: Self.isTelling(prefix) ? WordQuery(Atom.split(prefix)).all : nil,
            spot: reference.gazetteer.origin(park: park, region: nil, near: nil).point.map(Spot.init),
            limit: limit
        )
        let names = try await run(statement, until: deadline)
        // Half of the room for either, and what one leaves for the other.
        let conceptCount = min(concepts.count, max((limit + 1) / 2, limit - names.count))
        let items =
            concepts.prefix(conceptCount).map { $0.json }
            + names.prefix(limit - conceptCount).map { $0.json(reference, language) }
        return .object("items", .array(items))
    }

    /// Whether so much is typed that it says more than where an alphabet is opened.
    private static func isTelling(_ prefix: String) -> Bool {
        let atoms = Atom.split(prefix)
        return atoms.count > 1 || atoms.contains { !$0.isCharacter && $0.text.utf8.count > 2 }
    }
}

/// A concept that begins as typed.
struct ConceptSuggestion: Sendable {
    let kind: String
    let code: String
    let text: String
    let language: String

    var json: JSONText {
        .object(
            ("kind", .string(kind)),
            ("code", .string(code)),
            ("text", .string(text)),
            ("lang", .string(language))
        )
    }
}

extension SuggestNames.Row {
    func json(_ reference: Reference, _ language: Language) -> JSONText {
        let shown = names?.first(in: NameOrder(for: language), orAny: true).map { ($0.text, $0.language, $0.origin) }
        // What has no name at all is told by a program's.
        let name = found ?? shown ?? (text: slug, language: Language.english.code, origin: "machine")
        return .object(
            ("kind", .string("amenity")),
            ("id", .id(id)),
            ("slug", .string(slug)),
            ("text", .string(name.text)),
            ("lang", .string(name.language)),
            ("origin", .string(name.origin)),
            ("category", .string(category)),
            ("category_label", .string(reference.label(category, in: language) ?? category)),
            ("area", .string(reference.gazetteer.regionName(region, in: language) ?? region))
        )
    }
}

extension Reference {
    /// Concepts whose words in any language begin with a folded text: the reader's own words first, then names before other
    /// words, then those of which most is typed. Each once, told in the reader's language.
    func concepts(beginningWith prefix: String, in language: Language) -> [ConceptSuggestion] {
        let found = reader.lexicon.phrases(beginningWith: prefix).map { form, sense in
            let isOwn =
                sense.language == language.code || sense.language?.prefix(2) == "zh" && language.code.hasPrefix("zh")
            return (
                place: (isOwn ? 0 : 2) + (sense.isLabel ? 0 : 1), length: form.count, form: form, meaning: sense.meaning
            )
        }
        let ordered = found.sorted { ($0.place, $0.length, $0.form) < ($1.place, $1.length, $1.form) }
        var seen = Set<Meaning>()
        return ordered.filter { seen.insert($0.meaning).inserted }.compactMap {
            suggestion(of: $0.meaning, in: language)
        }
    }

    private func suggestion(of meaning: Meaning, in language: Language) -> ConceptSuggestion? {
        switch meaning {
        case .term(let code):
            label(code, in: language).map { label in
                ConceptSuggestion(
                    kind: isCategory(code) ? "category" : "attribute",
                    code: code,
                    text: label,
                    language: language.code
                )
            }
        case .region(let code):
            gazetteer.regionName(code, in: language).map {
                ConceptSuggestion(kind: "region", code: code, text: $0, language: language.code)
            }
        case .park(let id):
            gazetteer.parkName(id, in: language).map {
                ConceptSuggestion(kind: "park", code: id, text: $0, language: language.code)
            }
        case .nationality, .openNow, .negation, .negationBehind, .alternative, .study, .filler: nil
        }
    }
}
