/// What changes rarely and every look-up needs: labels, words, regions and parks. Kept in memory; see ``ReferenceShelf``.
package struct Reference: Sendable {
    /// A category or attribute of the taxonomy.
    package struct Term: Sendable {
        package let code: String
        package let parent: String?
        package let isCategory: Bool
        /// By language.
        package let labels: [String: String]

        package init(code: String, parent: String?, isCategory: Bool, labels: [String: String]) {
            self.code = code
            self.parent = parent
            self.isCategory = isCategory
            self.labels = labels
        }
    }

    /// Of the vocabulary; it moves with every change.
    let edition: Int64
    package let reader: QueryReader
    package let gazetteer: Gazetteer
    private let terms: [String: Term]
    /// By category, itself and all below it.
    private let families: [String: [String]]

    package init(
        edition: Int64,
        terms: [Term],
        words: [Phrase],
        gazetteer: Gazetteer,
        implications: Implications
    ) {
        self.edition = edition
        self.gazetteer = gazetteer
        self.terms = Dictionary(terms.map { ($0.code, $0) }) { first, _ in first }
        let parents = terms.filter(\.isCategory).compactMap { term in term.parent.map { (term.code, $0) } }
        var implications = implications
        implications.parents = Dictionary(parents) { first, _ in first }
        self.families = Self.families(of: terms.filter(\.isCategory).map(\.code).sorted(), implications.parents)
        reader = QueryReader(
            lexicon: LexiconMemory.shared.lexicon(of: terms.flatMap(Self.phrases) + words + gazetteer.phrases),
            implications: implications
        )
    }

    func label(_ code: String, in language: Language) -> String? {
        let labels = terms[code]?.labels
        return labels?[language.code] ?? labels?[Language.english.code]
    }

    func isCategory(_ code: String) -> Bool { terms[code]?.isCategory == true }
    func isAttribute(_ code: String) -> Bool { terms[code]?.isCategory == false }

    /// The category and those below it.
    func family(of category: String) -> [String] { families[category] ?? [category] }

    /// Categories whose label in a language begins or ends with a folded text, or has it as a word.
    func categories(like text: String, in language: Language) -> [String] {
        let found = terms.values.filter { term in
            guard term.isCategory, let label = term.labels[language.code] else { return false }
            let folded = Fold.text(label)
            return folded.hasPrefix(text) || folded.hasSuffix(text)
        }
        return found.map(\.code).sorted()
    }

    /// The code of the same kind that is nearest to an unknown one, for a did-you-mean.
    func nearestCode(to code: String, isCategory: Bool) -> String? {
        EditDistance.nearest(
            to: code,
            among: terms.values.filter { $0.isCategory == isCategory }.map(\.code).sorted()
        )
    }

    /// What a term is called, as phrases. Headings of properties are no properties, and how open a place is or how well it
    /// speaks is not looked for by these words.
    private static func phrases(of term: Term) -> [Phrase] {
        guard term.isCategory || term.parent != nil, term.parent != "a.status", term.parent != "a.langlevel" else {
            return []
        }
        // Always in the same order, by which a lexicon is known again.
        return term.labels.sorted { $0.key < $1.key }.map {
            Phrase($0.value, language: $0.key, meaning: .term(term.code), isLabel: true)
        }
    }

    /// By category, itself and all that lies in it, however deep: food.japanese lies in food.restaurant, though its code does
    /// not say so.
    private static func families(of categories: [String], _ parents: [String: String]) -> [String: [String]] {
        var families: [String: [String]] = [:]
        for code in categories {
            var ancestor: String? = code
            while let known = ancestor {
                families[known, default: []].append(code)
                ancestor = parents[known]
            }
        }
        return families
    }
}
