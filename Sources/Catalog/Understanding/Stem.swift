/// Takes the endings of inflection off a folded word, so that its forms meet. What is left need not be a word.
package enum Stem {
    /// - Parameter language: `en`, `de`, `nl` or `fr`; words of other languages stay as they are.
    package static func of(_ word: String, in language: String) -> String {
        var stem = Array(word.utf8)
        guard stem.count > 3, stem.allSatisfy({ (0x61...0x7A).contains($0) }) else { return word }
        switch language {
        case "en": english(&stem)
        case "de": german(&stem)
        case "nl": dutch(&stem)
        case "fr": french(&stem)
        default: return word
        }
        return String(decoding: stem, as: UTF8.self)
    }

    /// pharmacies, churches, dentists.
    private static func english(_ stem: inout [UInt8]) {
        if stem.drop("ies", leaving: 2) {
            stem.append(UInt8(ascii: "y"))
        } else if ["ches", "shes", "sses", "xes"].contains(where: stem.ends) {
            stem.removeLast(2)
        } else if !stem.ends("ss"), !stem.ends("us"), !stem.ends("is") {
            _ = stem.drop("s", leaving: 3)
        }
    }

    /// Zahnärzte, Ärztinnen, deutsches, Praxen, Museen.
    private static func german(_ stem: inout [UInt8]) {
        for ending in ["innen", "in"] where stem.drop(ending, leaving: 4) { break }
        for ending in ["en", "er", "em", "es", "e", "n", "is", "um"] where stem.drop(ending, leaving: 4) { break }
        _ = stem.drop("s", leaving: 4)
    }

    /// tandartsen, scholen, ziekenhuizen, Japanse.
    private static func dutch(_ stem: inout [UInt8]) {
        let isInflected = stem.drop("en", leaving: 3) || stem.drop("e", leaving: 3)
        // Only before an ending: no word of its own ends so.
        if isInflected {
            switch stem.last {
            case UInt8(ascii: "v"): stem[stem.count - 1] = UInt8(ascii: "f")
            case UInt8(ascii: "z"): stem[stem.count - 1] = UInt8(ascii: "s")
            default: break
            }
        }
        _ = stem.drop("s", leaving: 3)
        collapse(&stem, at: stem.count - 2)
        // A long vowel is written twice in a closed syllable only.
        if stem.count > 3, "aeou".utf8.contains(stem[stem.count - 2]) { collapse(&stem, at: stem.count - 3) }
    }

    /// hôpitaux, françaises, italienne.
    private static func french(_ stem: inout [UInt8]) {
        if stem.drop("aux", leaving: 3) { stem += Array("al".utf8) }
        for ending in ["s", "x", "e", "s"] { _ = stem.drop(ending, leaving: 3) }
        collapse(&stem, at: stem.count - 2)
    }

    /// Makes one of two equal letters that begin at the index.
    private static func collapse(_ stem: inout [UInt8], at index: Int) {
        if index > 0, stem.count > 3, stem[index] == stem[index + 1] { stem.remove(at: index) }
    }
}

extension [UInt8] {
    fileprivate func ends(_ ending: String) -> Bool {
        count >= ending.utf8.count && suffix(ending.utf8.count).elementsEqual(ending.utf8)
    }

    /// Takes an ending off, unless too little would be left.
    fileprivate mutating func drop(_ ending: String, leaving least: Int) -> Bool {
        guard ends(ending), count - ending.utf8.count >= least else { return false }
        removeLast(ending.utf8.count)
        return true
    }
}
