/// What was made of the words of a search.
package struct QueryUnderstanding: Sendable, Hashable {
    /// Kinds of place, best first.
    package internal(set) var categories: [String] = []
    /// Kinds of place in which the categories lie and that were named beside them.
    package internal(set) var wider: [String] = []
    /// How well each category fits, 1 best: words that mean several kinds of place mean them equally.
    package internal(set) var places: [String: Int] = [:]
    /// Properties that are wanted, best first. A language of service is the attribute `a.lang.xx`.
    package internal(set) var attributes: [String] = []
    /// Of the attributes those that a place must have: one of each group.
    package internal(set) var groups: [[String]] = []
    /// Whether the categories only follow from the attributes.
    package internal(set) var isImplied = false
    /// Categories and attributes that are not wanted.
    package internal(set) var excluded: [String] = []
    /// The code of the region that is named.
    package internal(set) var region: String?
    package internal(set) var park: String?
    /// ISO 3166-1 alpha-2.
    package internal(set) var nationality: String?
    /// Whether only what is open now is wanted.
    package internal(set) var wantsOpen = false
    /// E.164, where the words are a telephone number.
    package internal(set) var phone: String?
    /// What is left, folded.
    package var text: String { Atom.joined(rest) }
    /// The whole, folded.
    package internal(set) var whole: String = ""
    /// Words that were put right, each with the word that it was taken for.
    package internal(set) var corrections: [Correction] = []
    var rest: [Atom] = []

    package struct Correction: Sendable, Hashable {
        package let from: String
        package let to: String
    }

    /// Whether anything was understood beside text.
    package var isUnderstood: Bool {
        !categories.isEmpty || !groups.isEmpty || !attributes.isEmpty || region != nil || park != nil || phone != nil
            || wantsOpen || !excluded.isEmpty
    }

    /// Whether there is nothing that could be looked for: no letter and no digit.
    package var isEmpty: Bool { whole.isEmpty }
}

/// What queries are understood with, beside the phrases.
package struct Implications: Sendable {
    /// By attribute or the group that it belongs to, the kinds of place that have it, most likely first.
    /// By kind of place, those that may stand in for it.
    package var categories: [String: [String]] = [:]
    /// By nationality, the terms that answer to it.
    package var terms: [String: [String]] = [:]
    /// By category, the one that it lies in.
    var parents: [String: String] = [:]

    package init(categories: [String: [String]] = [:], terms: [String: [String]] = [:]) {
        self.categories = categories
        self.terms = terms
    }

    /// The categories that one lies in, the nearest first; no kind lies deeper.
    func ancestors(of category: String) -> [String] {
        Array(sequence(first: category) { parents[$0] }.dropFirst().prefix(8))
    }

    /// The kinds of place that usually have an attribute.
    func categories(of attribute: String) -> [String] {
        var code = attribute[...]
        while true {
            if let known = categories[String(code)] { return known }
            guard let dot = code.lastIndex(of: ".") else { return [] }
            code = code[..<dot]
        }
    }
}
