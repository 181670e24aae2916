/// A piece of folded text that phrases are made of: a word, or one character of a script that sets no spaces.
package struct Atom: Hashable, Sendable {
    package var text: String
    /// Of Han, kana or Hangul.
    package let isCharacter: Bool
    /// Whether a space, another script or the text's end is before it.
    let startsRun: Bool
    /// The word as Germans write it where there are no umlauts; `nil` where that is the same.
    package internal(set) var alternate: String?

    init(text: String, isCharacter: Bool, startsRun: Bool) {
        self.text = text
        self.isCharacter = isCharacter
        self.startsRun = startsRun
    }

    /// The pieces of a text before it is folded.
    static func split(unfolded text: String) -> [Atom] {
        var atoms = split(Fold.text(text))
        guard Fold.hasUmlauts(text) else { return atoms }
        let spelled = split(Fold.text(text, umlauts: .spelled))
        guard spelled.count == atoms.count else { return atoms }
        for index in atoms.indices where atoms[index].text != spelled[index].text {
            atoms[index].alternate = spelled[index].text
        }
        return atoms
    }

    /// The pieces of a folded text.
    package static func split(_ folded: String) -> [Atom] {
        var atoms: [Atom] = []
        var word = ""
        var startsRun = true
        func endWord() {
            guard !word.isEmpty else { return }
            atoms.append(Atom(text: word, isCharacter: false, startsRun: true))
            word = ""
            startsRun = true
        }
        for scalar in folded.unicodeScalars {
            if isCharacter(scalar) {
                endWord()
                atoms.append(Atom(text: String(scalar), isCharacter: true, startsRun: startsRun))
                startsRun = false
            } else if scalar == " " {
                endWord()
                startsRun = true
            } else {
                word.unicodeScalars.append(scalar)
            }
        }
        endWord()
        return atoms
    }

    /// The atoms as text again: words apart, characters together.
    package static func joined(_ atoms: some Sequence<Atom>) -> String {
        var text = ""
        var wasWord = false
        for atom in atoms {
            if !text.isEmpty, wasWord || !atom.isCharacter { text += " " }
            text += atom.text
            wasWord = !atom.isCharacter
        }
        return text
    }

    static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3005...0x3007, 0x3041...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0x20000...0x323AF:
            true
        default: false
        }
    }

    /// Hiragana, which katakana is folded to as well.
    var isKana: Bool { text.unicodeScalars.allSatisfy { (0x3041...0x30FF).contains($0.value) } }

    var isHan: Bool { text.unicodeScalars.allSatisfy { (0x3400...0x9FFF).contains($0.value) } }

    var isHangul: Bool { text.unicodeScalars.allSatisfy { (0xAC00...0xD7A3).contains($0.value) } }
}
