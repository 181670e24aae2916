/// From the phrases of a query to what it asks for.
extension QueryReader {
    func take(
        _ matches: [Lexicon.Match],
        of atoms: [Atom],
        _ language: Language,
        into reading: inout QueryUnderstanding
    ) {
        let refusals = Refusals(matches, of: atoms)
        for match in refusals.refused { exclude(match, in: &reading) }
        // What explains most of the text comes first.
        let wanted = refusals.wanted
        let weighed = wanted.enumerated()
            .sorted { ($1.element.size, $0.offset) < ($0.element.size, $1.offset) }.map(\.element)
        for match in weighed {
            take(match, into: &reading)
            let isKindOfPlace = match.senses.allSatisfy { $0.meaning.code?.hasPrefix("a.") == false }
            if isKindOfPlace, match.range.count > 1 {
                reading.attributes.add(lexicon.properties(within: match.range, of: atoms, language))
            }
        }
        if let weightiest = weighed.first { dropAsides(to: weightiest, in: &reading) }
        let studies = wanted.lazy.flatMap(\.senses).compactMap(\.meaning.study).first
        if let studies, takeLessons(at: studies, into: &reading) { return }
        if let nationality = reading.nationality { take(nationality, into: &reading) }
        dropRefused(from: &reading, unless: wanted)
        dropCuisinesElsewhere(from: &reading)
        dropWider(from: &reading)
        dropInsurance(from: &reading)
        imply(&reading)
    }

    /// Who names an insurer asks where it pays, and not for an office where insurance is sold.
    private func dropInsurance(from reading: inout QueryUnderstanding) {
        let office = "pro.insurance"
        guard reading.groups.contains(where: { $0.contains { $0.hasPrefix("a.ins") } }) else { return }
        reading.categories.removeAll { $0 == office }
        reading.places[office] = nil
    }

    /// Thai massage is no food: a cuisine is one of places that have food.
    private func dropCuisinesElsewhere(from reading: inout QueryUnderstanding) {
        let roots = Set(reading.categories.map(Self.root))
        guard !roots.isEmpty, roots.isDisjoint(with: ["food", "shop", "stay"]) else { return }
        func isCuisine(_ code: String) -> Bool { code.hasPrefix("a.cuisine.") }
        reading.groups.removeAll { $0.allSatisfy(isCuisine) }
        reading.attributes.removeAll(where: isCuisine)
    }

    /// A restaurant without pork is a halal restaurant: of two kinds of which one lies in the other the narrower is wanted,
    /// and the wider only where there is none.
    private func dropWider(from reading: inout QueryUnderstanding) {
        let ancestors = Set(reading.categories.flatMap(implications.ancestors))
        reading.wider = reading.categories.filter(ancestors.contains)
        reading.categories.removeAll(where: ancestors.contains)
        reading.places = reading.places.filter { !ancestors.contains($0.key) }
    }

    /// A church, but not a Catholic one: of the kinds that a word means those that are refused are not wanted. Where a word
    /// means nothing else, it was another such thing that was refused: マッサージ以外のリハビリ.
    private func dropRefused(from reading: inout QueryUnderstanding, unless wanted: [Lexicon.Match]) {
        for codes in wanted.map({ $0.senses.compactMap(\.meaning.code) })
        where codes.allSatisfy(reading.excluded.contains) {
            reading.excluded.removeAll(where: codes.contains)
        }
        let refused = Set(reading.excluded)
        reading.categories.removeAll(where: refused.contains)
        reading.places = reading.places.filter { !refused.contains($0.key) }
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
            case .term, .nationality, .negation, .negationBehind, .alternative, .study, .filler: break
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
        let own = nationalities.flatMap { implications.terms[$0] ?? [] }.filter { !Self.isLanguage($0) }
        reading.excluded.add(nationalities.isEmpty ? codes : own)
    }

    /// Lessons in a language are looked for at a kind of school, whoever speaks the language there; `false` where no
    /// language is named, and where who teaches is a doctor: 小児科の先生.
    private func takeLessons(at school: String, into reading: inout QueryUnderstanding) -> Bool {
        guard !reading.attributes.contains(where: { $0.hasPrefix("a.spec.") }) else { return false }
        let spoken = reading.nationality.map { languages(of: $0) } ?? reading.attributes.filter(Self.isLanguage)
        guard !spoken.isEmpty else { return false }
        reading.attributes.add(spoken)
        reading.groups.removeAll { $0.allSatisfy(Self.isLanguage) }
        put([school], first: &reading)
        return true
    }

    /// A nationality beside a kind of place is the nationality's own such place, where there is one; else its language.
    private func take(_ nationality: String, into reading: inout QueryUnderstanding) {
        let places = (implications.terms[nationality] ?? []).filter { !$0.hasPrefix("a.") }
        let spoken = languages(of: nationality)
        let roots = reading.categories.isEmpty ? refusedRoots(reading) : Set(reading.categories.map(Self.root))
        let own = places.filter { roots.contains(Self.root($0)) }
        if !own.isEmpty {
            put(own, first: &reading)
        } else if !spoken.isEmpty {
            reading.attributes.add(spoken)
            reading.groups.append(spoken)
        } else if reading.categories.isEmpty {
            put(places, first: &reading)
        }
    }

    private func languages(of nationality: String) -> [String] {
        (implications.terms[nationality] ?? []).filter(Self.isLanguage)
    }

    /// edu.japanese before edu.japanese_supp: the order is that of importance.
    private func put(_ categories: [String], first reading: inout QueryUnderstanding) {
        reading.categories = categories + reading.categories.filter { !categories.contains($0) }
        reading.places = reading.places.mapValues { $0 + 1 }
        for code in categories { reading.places[code] = 1 }
    }

    /// Where most of the text is a speciality of medicine, kinds of place that have none are said by the way: 带孩子打预防针
    /// is about where one is vaccinated, and not where children are looked after.
    private func dropAsides(to weightiest: Lexicon.Match, in reading: inout QueryUnderstanding) {
        let codes = weightiest.senses.compactMap(\.meaning.code)
        guard weightiest.isProperty, codes.allSatisfy({ $0.hasPrefix("a.spec.") }) else { return }
        let roots = Set(codes.flatMap { implications.categories(of: $0) }.map(Self.root))
        guard !roots.isEmpty, roots.isDisjoint(with: reading.categories.map(Self.root)) else { return }
        reading.categories = []
        reading.places = [:]
    }

    /// A speciality without a kind of place is looked for where it usually is.
    private func imply(_ reading: inout QueryUnderstanding) {
        guard reading.categories.isEmpty else { return }
        if reading.groups.isEmpty {
            // Not a Chinese restaurant is some restaurant.
            let roots = refusedRoots(reading)
            let parents = reading.excluded.compactMap { implications.parents[$0] }
            reading.categories.add(parents.filter { roots.contains(Self.root($0)) })
            return
        }
        for attribute in reading.groups.flatMap(\.self) {
            reading.categories.add(implications.categories(of: attribute))
        }
        reading.isImplied = !reading.categories.isEmpty
    }

    /// Of what kind the refused places are. Who refuses all that a country has of its own speaks of its food.
    private func refusedRoots(_ reading: QueryUnderstanding) -> Set<Substring> {
        let roots = Set(reading.excluded.filter { !$0.hasPrefix("a.") }.map(Self.root))
        return roots.count > 1 && roots.contains("food") ? ["food"] : roots
    }

    private static func isLanguage(_ code: String) -> Bool { code.hasPrefix(CultureProfile.languagePrefix) }

    private static func root(_ code: String) -> Substring { code.prefix { $0 != "." } }
}

extension Meaning {
    var code: String? { if case .term(let code) = self { code } else { nil } }
    var nationality: String? { if case .nationality(let code) = self { code } else { nil } }

    var study: String? { if case .study(let code) = self { code } else { nil } }

    /// Of the gazetteer.
    var isPlace: Bool {
        switch self {
        case .region, .park: true
        default: false
        }
    }

    /// Whether the meaning can be wanted or not.
    var isConcept: Bool { code != nil || nationality != nil }
}

extension [String] {
    /// Adds what is not there yet.
    fileprivate mutating func add(_ more: [String]) {
        for element in more where !contains(element) { append(element) }
    }
}
