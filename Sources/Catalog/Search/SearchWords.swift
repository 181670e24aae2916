/// The words that an amenity is found by, as the database keeps them.
struct SearchWords: Sendable {
    /// Folded names between line feeds.
    private(set) var keys = "\n"
    /// By language, what the name in it is sorted by: Chinese as it is read.
    private(set) var sortKeys: [String: String] = [:]
    /// Names by their folded beginning, for completions.
    private(set) var completions: [(key: String, name: String, language: String)] = []
    /// Words of names in plain letters.
    private(set) var plainWords: Set<String> = []
    private var lexemes: [String: [String]] = [:]
    private var position = 1

    /// PostgreSQL keeps no later position.
    private static let lastPosition = 16_000
    /// A name as one lexeme is cut to this many characters.
    static let longestName = 120

    /// A tsvector's text.
    var vector: String {
        lexemes.keys.sorted().map { lexeme in
            let places = lexemes[lexeme] ?? []
            return "'\(lexeme)'" + (places.isEmpty ? "" : ":" + places.joined(separator: ","))
        }
        .joined(separator: " ")
    }

    /// - Parameters:
    ///   - isCurrent: whether it is called so, and not short or of old.
    mutating func add(name: String, language: String, isCurrent: Bool) {
        let folded = Fold.text(name)
        guard !folded.isEmpty else { return }
        let weight = isCurrent ? "A" : "B"
        add(text: name, weight: weight)
        let syllables = language.hasPrefix("zh") ? pinyin(folded) : nil
        for key in [folded, syllables.map { $0.joined() }].compactMap({ $0 }) where !keys.contains("\n\(key)\n") {
            keys += key + "\n"
            completions.append((key, name, language))
            lexemes["=" + key.prefix(Self.longestName), default: []] += []
        }
        if isCurrent, sortKeys[language] == nil {
            sortKeys[language] = (syllables ?? [folded]).joined(separator: " ")
        }
    }

    mutating func add(address: String) { add(text: address, weight: "C") }

    /// - Parameter phone: E.164.
    mutating func add(phone: String) { lexemes[phone.filter { $0 == "+" || $0.isNumber }, default: []] += [] }

    // MARK: Lexemes

    private mutating func add(text: String, weight: String) {
        let atoms = Atom.split(unfolded: text)
        for (index, atom) in atoms.enumerated() {
            if atom.isCharacter {
                let next = index + 1 < atoms.count && !atoms[index + 1].startsRun ? atoms[index + 1].text : ""
                put(atom.text + next, weight)
            } else {
                put(atom.text, weight)
                if let alternate = atom.alternate { put(alternate, weight) }
                if weight != "C", atom.text.utf8.count > 3, atom.text.utf8.allSatisfy({ $0 < 0x80 }) {
                    plainWords.insert(atom.text)
                }
            }
            position += 1
        }
        // Nothing follows from where one name ends and the next begins.
        position += 10
    }

    /// The syllables of a Chinese name's characters, each marked and where its character is read; `nil` for a name without.
    private mutating func pinyin(_ folded: String) -> [String]? {
        let characters = Atom.split(folded).filter(\.isHan).flatMap(\.text.unicodeScalars)
        guard !characters.isEmpty, let syllables = Pinyin.syllables(of: characters) else { return nil }
        for syllable in syllables {
            put("~" + syllable, "B")
            position += 1
        }
        position += 10
        return syllables
    }

    private mutating func put(_ lexeme: String, _ weight: String) {
        guard position <= Self.lastPosition, lexeme.utf8.count <= 500 else { return }
        lexemes[lexeme, default: []].append("\(position)\(weight)")
    }
}
