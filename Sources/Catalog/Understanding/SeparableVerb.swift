/// Verbs of German and Dutch that part with their beginning in a sentence: abheben in "Wo hebe ich Geld ab".
enum SeparableVerb {
    private static let beginnings: [String: [String]] = [
        "de": ["ab", "an", "auf", "aus", "ein", "um", "unter", "vor", "mit", "zuruck"],
        "nl": ["aan", "af", "in", "mee", "om", "op", "uit"],
    ]

    /// Whether a folded word begins as such verbs do and ends as they do in phrases.
    static func mayBe(_ word: String, in language: String) -> Bool {
        word.hasSuffix("n") && (beginnings[language] ?? []).contains { word.hasPrefix($0) && word.count > $0.count + 3 }
    }

    /// The words with a parted verb put together where its beginning stands, as phrases have it: "Geld abhebe".
    ///
    /// - Parameter isKnown: whether a verb is one that means something.
    static func joined(_ atoms: [Atom], in language: String, isKnown: (String) -> Bool) -> [Atom] {
        guard let beginnings = beginnings[language] else { return atoms }
        for end in atoms.indices.reversed() where beginnings.contains(atoms[end].text) {
            for verb in atoms[..<end].indices.reversed() where !atoms[verb].isCharacter {
                let whole = atoms[end].text + atoms[verb].text
                guard isKnown(whole) else { continue }
                var joined = atoms
                joined[end].text = whole
                joined.remove(at: verb)
                return joined
            }
        }
        return atoms
    }
}
