/// From the phrases of a query to what it asks for.
extension QueryReader {
    func take(_ matches: [Lexicon.Match], into reading: inout QueryUnderstanding) {
        var wanted: [Lexicon.Match] = []
        var isNegated = false
        for match in matches {
            let meanings = match.senses.map(\.meaning)
            if meanings.contains(.negation) {
                isNegated = true
            } else if meanings.contains(.negationBehind) {
                // 中国餐厅以外: what was said last is not wanted.
                if let last = wanted.popLast() { exclude(last, in: &reading) }
            } else if isNegated, meanings.contains(where: \.isConcept) {
                exclude(match, in: &reading)
                isNegated = false
            } else {
                wanted.append(match)
            }
        }
        // What explains most of the text comes first.
        for match in wanted.enumerated().sorted(by: { ($1.element.size, $0.offset) < ($0.element.size, $1.offset) }) {
            take(match.element, into: &reading)
        }
        if let nationality = reading.nationality { take(nationality, into: &reading) }
        imply(&reading)
    }

    private func take(_ match: Lexicon.Match, into reading: inout QueryUnderstanding) {
        let senses = match.senses.sorted { $0.isLabel && !$1.isLabel }
        var codes: [String] = []
        codes.add(senses.compactMap(\.meaning.code))
        let categories = codes.filter { !$0.hasPrefix("a.") }
        let attributes = codes.filter { $0.hasPrefix("a.") }
        let place = (reading.places.values.max() ?? 0) + 1
        for category in categories where reading.places[category] == nil { reading.places[category] = place }
        reading.categories.add(categories)
        let nationality = senses.compactMap(\.meaning.nationality).first
        if let nationality { reading.nationality = reading.nationality ?? nationality }
        // "Japanese" is a language only where nothing of the country's own is meant.
        if nationality == nil {
            reading.attributes.add(attributes)
            // 清真 is a kind of restaurant and a diet: the kind is enough.
            if categories.isEmpty, !attributes.isEmpty { reading.groups.append(attributes) }
        }
        for sense in senses {
            switch sense.meaning {
            case .region(let code): reading.region = reading.region.map { narrower($0, code) } ?? code
            case .park(let id): reading.park = reading.park ?? id
            case .openNow: reading.wantsOpen = true
            case .term, .nationality, .negation, .negationBehind, .filler: break
            }
        }
    }

    /// Codes of counties end in other digits than 00.
    private func narrower(_ left: String, _ right: String) -> String {
        func depth(_ code: String) -> Int { code.hasSuffix("0000") ? 0 : code.hasSuffix("00") ? 1 : 2 }
        return depth(right) > depth(left) ? right : left
    }

    private func exclude(_ match: Lexicon.Match, in reading: inout QueryUnderstanding) {
        let codes = match.senses.compactMap(\.meaning.code)
        let nationalities = match.senses.compactMap(\.meaning.nationality)
        // "Not Chinese" is about what China has of its own, not about who speaks the language.
        let own = nationalities.flatMap { implications.terms[$0] ?? [] }.filter { !$0.hasPrefix("a.lang.") }
        reading.excluded.add(nationalities.isEmpty ? codes : own)
    }

    /// A nationality beside a kind of place is the nationality's own such place, where there is one; else its language.
    private func take(_ nationality: String, into reading: inout QueryUnderstanding) {
        let terms = implications.terms[nationality] ?? []
        let roots = Set(reading.categories.map(Self.root))
        let own = terms.filter { !$0.hasPrefix("a.") && roots.contains(Self.root($0)) }
        if !own.isEmpty {
            // edu.japanese before edu.japanese_supp: the table's order is that of importance.
            reading.categories = own + reading.categories.filter { !own.contains($0) }
            reading.places = reading.places.mapValues { $0 + 1 }
            for code in own { reading.places[code] = 1 }
            return
        }
        let languages = terms.filter { $0.hasPrefix("a.lang.") }
        guard !languages.isEmpty else { return }
        reading.attributes.add(languages)
        reading.groups.append(languages)
    }

    /// A speciality without a kind of place is looked for where it usually is.
    private func imply(_ reading: inout QueryUnderstanding) {
        guard reading.categories.isEmpty else { return }
        if reading.groups.isEmpty {
            // Not a Chinese restaurant is some restaurant.
            reading.categories.add(reading.excluded.compactMap { implications.parents[$0] })
            return
        }
        for attribute in reading.groups.flatMap(\.self) {
            reading.categories.add(implications.categories(of: attribute))
        }
        reading.isImplied = !reading.categories.isEmpty
    }

    private static func root(_ code: String) -> Substring { code.prefix { $0 != "." } }
}

extension Meaning {
    var code: String? { if case .term(let code) = self { code } else { nil } }
    var nationality: String? { if case .nationality(let code) = self { code } else { nil } }

    /// Whether the meaning can be wanted or not.
    fileprivate var isConcept: Bool { code != nil || nationality != nil }
}

extension [String] {
    /// Adds what is not there yet.
    fileprivate mutating func add(_ more: [String]) {
        for element in more where !contains(element) { append(element) }
    }
}
