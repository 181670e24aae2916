/// What is asked of the lexemes of ``SearchWords``: the texts of tsqueries.
struct WordQuery: Sendable {
    /// Every word, the last one as a beginning; pairs of characters in their order. `nil` where nothing is asked.
    let all: String?
    /// Each word or run of characters by itself.
    let parts: [String]

    init(_ atoms: [Atom]) {
        var parts: [String] = []
        var index = 0
        while index < atoms.count {
            guard atoms[index].isCharacter else {
                let isLast = index + 1 == atoms.count
                parts.append(Self.word(atoms[index], isBeginning: isLast))
                index += 1
                continue
            }
            var end = index + 1
            while end < atoms.count, atoms[end].isCharacter, !atoms[end].startsRun { end += 1 }
            parts.append(Self.run(atoms[index..<end].map(\.text)))
            index = end
        }
        self.parts = parts
        guard !parts.isEmpty else {
            all = nil
            return
        }
        let every = parts.joined(separator: " & ")
        let read = Self.pinyin(atoms)
        all = ([every] + read).map { "(\($0))" }.joined(separator: " | ")
    }

    /// A whole name, or the beginning of one.
    static func name(_ folded: String, isBeginning: Bool) -> String {
        "'=\(folded.prefix(SearchWords.longestName))'" + (isBeginning ? ":*" : "")
    }

    /// - Parameter e164: as the phone of a record.
    static func phone(_ e164: String) -> String { "'\(e164.filter { $0 == "+" || $0.isNumber })'" }

    private static func word(_ atom: Atom, isBeginning: Bool) -> String {
        let words = [atom.text] + (atom.alternate.map { [$0] } ?? [])
        let either = words.map { "'\($0)'" + (isBeginning ? ":*" : "") }.joined(separator: " | ")
        return words.count > 1 ? "(\(either))" : either
    }

    /// Characters in their order: 国际学校 is 国际, 际学, 学校 one after another. One alone begins a pair or stands last.
    private static func run(_ characters: [String]) -> String {
        guard characters.count > 1 else { return "'\(characters.joined())':*" }
        let pairs = zip(characters, characters.dropFirst()).map { "'\($0)\($1)'" }
        return pairs.count > 1 ? "(" + pairs.joined(separator: " <-> ") + ")" : pairs.joined()
    }

    /// Words of plain letters read as syllables of Chinese.
    private static func pinyin(_ atoms: [Atom]) -> [String] {
        guard (1...16).contains(atoms.count), atoms.allSatisfy({ !$0.isCharacter }) else { return [] }
        let divisions = Pinyin.divisions(of: atoms.map(\.text).joined())
        return divisions.filter { $0.count > 1 }.map { syllables in
            syllables.map { "'~\($0)'" }.joined(separator: " <-> ")
        }
    }
}
