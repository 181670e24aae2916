/// What a word or phrase stands for.
package enum Meaning: Hashable, Sendable {
    /// A category or an attribute.
    case term(String)
    /// A country's people, ISO 3166-1 alpha-2: what they have of their own, or their language.
    case nationality(String)
    /// A region's code.
    case region(String)
    case park(String)
    /// Only what is open now.
    case openNow
    /// What stands behind the word is not wanted.
    case negation
    /// What stands before the word is not wanted.
    case negationBehind
    /// Joins two of a kind: what is said of the first is said of the second.
    case alternative
    /// Lessons, which beside a language are those of a kind of school.
    case study(String)
    /// Says nothing: articles, prepositions, courtesies.
    case filler

    /// The meaning of a row of the query words, by its kind; `nil` for an unknown kind.
    package init?(kind: String, value: String) {
        switch kind {
        case "term": self = .term(value)
        case "nationality": self = .nationality(value)
        case "region": self = .region(value)
        case "park": self = .park(value)
        case "open": self = .openNow
        case "not": self = .negation
        case "not_behind": self = .negationBehind
        case "or": self = .alternative
        case "study": self = .study(value)
        case "filler": self = .filler
        default: return nil
        }
    }
}

/// A phrase of the lexicon before it is folded.
package struct Phrase: Hashable, Sendable {
    package var text: String
    /// One of the eight; `nil` where it belongs to none.
    package var language: String?
    package var meaning: Meaning
    /// Whether it is what the thing is called, and not one more word for it.
    package var isLabel: Bool

    package init(_ text: String, language: String?, meaning: Meaning, isLabel: Bool = false) {
        self.text = text
        self.language = language
        self.meaning = meaning
        self.isLabel = isLabel
    }

    /// The phrase and those that its text holds: what stands before and in brackets, both sides of an "and".
    var readings: [String] {
        guard isLabel else { return [text] }
        let open = text.firstIndex { $0 == "(" || $0 == "（" }
        let close = text.lastIndex { $0 == ")" || $0 == "）" }
        var outside = [text]
        var inside: [String] = []
        if let open, let close, open < close {
            outside = [String(text[..<open])]
            inside = [String(text[text.index(after: open)..<close])]
        }
        let sides = outside.flatMap(Self.sides)
        return (outside + sides + inside.filter(Self.isName)).filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// The sides of a label such as "Bar and pub" or "酒屋・酒販店", each of which is a name by itself.
    private static func sides(of label: String) -> [String] {
        for separator in ["・", "、"] where label.contains(separator) {
            return label.split(separator: separator).map(String.init)
        }
        for connector in [" and ", " und ", " en ", " et "] {
            guard let range = label.firstRange(of: connector) else { continue }
            let (left, right) = (String(label[..<range.lowerBound]), String(label[range.upperBound...]))
            guard !left.contains(" "), !left.hasSuffix("-"), !right.contains(connector) else { return [] }
            return [left, right]
        }
        return []
    }

    /// An abbreviation or a second name, and not a country that a name holds for.
    private static func isName(_ bracketed: String) -> Bool {
        !["China", "Chine", "Mandarin", "Mandarijn", "mandarin", "普通话", "普通話", "koffie", "新教"].contains(bracketed)
    }
}
