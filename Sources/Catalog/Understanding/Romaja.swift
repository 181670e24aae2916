/// Korean in plain letters. The systems of writing it (Revised Romanisation, McCune and Reischauer's, what people make up)
/// are brought to one: tense and aspirated sounds as plain ones, ㅓ as ㅗ, ㅡ as ㅜ and ㅠ as ㅛ.
package enum Romaja {
    /// Shorter words are too easily those of other languages.
    private static let shortest = 5

    /// The letters of a folded text of Hangul and nothing else, as it is written and as it is spoken; none of any other and
    /// of one that is too short.
    package static func letters(ofHangul text: String) -> Set<String> {
        let syllables = text.unicodeScalars.filter { $0 != " " }.map(Syllable.init)
        let known = syllables.compactMap(\.self)
        guard known.count > 1, known.count == syllables.count else { return [] }
        let written = known.map { $0.initial + $0.vowel + $0.ending }.joined()
        return Set([written, spoken(known)].filter { $0.utf8.count >= shortest }.map(plain))
    }

    /// The same of a word that may be Korean in any system of writing it; `nil` where it can't be.
    package static func letters(ofLatin text: String) -> String? {
        guard (shortest...60).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) && !"fqvxz".utf8.contains($0) })
        else { return nil }
        return plain(text)
    }

    /// Syllable by syllable, with what neighbouring consonants make of each other.
    private static func spoken(_ syllables: [Syllable]) -> String {
        var text = ""
        var onset = syllables.first?.initial ?? ""
        for (index, syllable) in syllables.enumerated() {
            text += onset + syllable.vowel
            guard index + 1 < syllables.count else { return text + syllable.ending }
            let next = syllables[index + 1].initial
            if next.isEmpty, syllable.ending != "ng" {
                // The consonant goes over to the vowel: 한의원 is ha-nui-won.
                text += syllable.link
                onset = ""
            } else {
                let (ending, initial) = meeting(syllable.ending, next)
                text += ending
                onset = initial
            }
        }
        return text
    }

    /// How an ending and the consonant behind it are spoken: 국립 is gungnip.
    private static func meeting(_ ending: String, _ initial: String) -> (String, String) {
        let nasals = ["k": "ng", "t": "n", "p": "m"]
        switch (ending, initial) {
        case ("k", "n"), ("t", "n"), ("p", "n"), ("k", "m"), ("t", "m"), ("p", "m"):
            return (nasals[ending] ?? "", initial)
        case ("k", "r"), ("t", "r"), ("p", "r"): return (nasals[ending] ?? "", "n")
        case ("m", "r"), ("ng", "r"): return (ending, "n")
        case ("n", "r"), ("l", "n"): return ("l", "l")
        default: return (ending, initial)
        }
    }

    /// Letters that stand for a sound, with the sound, the longest first: those that Hangul tells apart and Latin letters
    /// don't become one.
    private static let sounds: [UInt8: [(letters: [UInt8], sound: [UInt8])]] = {
        let rows = [
            ("sh", "s"), ("ch", "j"), ("ck", "k"), ("kh", "k"), ("gh", "k"), ("th", "t"), ("ph", "p"), ("c", "k"),
            ("g", "k"), ("d", "t"), ("b", "p"), ("r", "l"), ("yeo", "yo"), ("yu", "yo"), ("yae", "ye"), ("weo", "o"),
            ("wo", "o"),
            ("eo", "o"), ("eui", "ui"), ("eu", "u"), ("ee", "i"), ("oo", "u"), ("oe", "we"), ("ae", "e"),
        ]
        let pairs = rows.map { (letters: Array($0.0.utf8), sound: Array($0.1.utf8)) }
        return Dictionary(grouping: pairs) { $0.letters[0] }
            .mapValues { $0.sorted { $0.letters.count > $1.letters.count } }
    }()

    private static func plain(_ text: String) -> String {
        let letters = Array(text.utf8)
        var plain: [UInt8] = []
        var index = 0
        while index < letters.count {
            let known = sounds[letters[index]]?.first { letters[index...].starts(with: $0.letters) }
            for sound in known?.sound ?? [letters[index]] where sound != plain.last { plain.append(sound) }
            index += known?.letters.count ?? 1
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// A syllable of Hangul in the letters of Revised Romanisation.
    private struct Syllable {
        let initial: String
        let vowel: String
        /// As it is spoken where a consonant or nothing follows.
        let ending: String
        /// As it is spoken where a vowel follows.
        let link: String

        init?(_ scalar: Unicode.Scalar) {
            guard (0xAC00...0xD7A3).contains(scalar.value) else { return nil }
            let number = Int(scalar.value - 0xAC00)
            initial = Self.initials[number / 588]
            vowel = Self.vowels[number % 588 / 28]
            ending = Self.endings[number % 28]
            link = Self.links[number % 28]
        }

        private static let initials = letters("g kk n d tt r m b pp s ss - j jj ch k t p h")
        private static let vowels = letters("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
        private static let endings = letters("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
        private static let links = letters("- g kk ks n nj n d r lg lm lb ls lt lp r m b ps s ss ng j ch k t p -")

        private static func letters(_ row: String) -> [String] {
            row.split(separator: " ").map { $0 == "-" ? "" : String($0) }
        }
    }
}
