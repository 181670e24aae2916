/// Every phrase that is understood, found by its folded and uninflected form.
package struct Lexicon: Sendable {
    struct Sense: Hashable, Sendable {
        let meaning: Meaning
        let language: String?
        let isLabel: Bool
    }

    /// The languages whose words have endings, with the group of all others.
    static let inflected = ["en", "de", "nl", "fr"]
    private static let uninflected = ""
    /// Chinese phrases as they are read.
    private static let pinyin = "pinyin"
    /// Japanese phrases of kana in the letters of ``Romaji``.
    private static let romaji = "romaji"
    /// Korean phrases of Hangul in the letters of ``Romaja``.
    private static let romaja = "romaja"

    /// By group and form.
    private var senses: [String: [String: [Sense]]] = [:]
    /// Of atoms.
    private var longestPhrase = 1
    /// By its syllables, how a Chinese phrase is written.
    private var spellings: [String: String] = [:]
    /// The stems of verbs that part with their beginning, by language.
    private var separableVerbs: [String: Set<String>] = [:]
    /// Folded words of phrases that mean a kind of place or a property of it, by language, for slips of the hand.
    private var vocabulary: [String: [[UInt8]]] = [:]

    package init(_ phrases: some Sequence<Phrase>) {
        var words: [String: Set<String>] = [:]
        for phrase in phrases {
            for reading in phrase.readings {
                add(Fold.text(reading), phrase, &words)
                if Fold.hasUmlauts(reading) { add(Fold.text(reading, umlauts: .spelled), phrase, &words) }
            }
        }
        // In the order of the alphabet, so that of two equally near words it is the same one tomorrow.
        vocabulary = words.mapValues { $0.sorted().map { Array($0.utf8) } }
    }

    private mutating func add(_ folded: String, _ phrase: Phrase, _ words: inout [String: Set<String>]) {
        let atoms = Atom.split(folded)
        guard !atoms.isEmpty else { return }
        let sense = Sense(meaning: phrase.meaning, language: phrase.language, isLabel: phrase.isLabel)
        insert(sense, Self.form(atoms[...], in: group(of: phrase.language, atoms)), group(of: phrase.language, atoms))
        longestPhrase = max(longestPhrase, atoms.count)
        if let language = phrase.language, language.hasPrefix("zh"), atoms.count > 1, atoms.allSatisfy(\.isHan),
            let syllables = Pinyin.syllables(of: atoms.flatMap(\.text.unicodeScalars))
        {
            let reading = syllables.joined(separator: " ")
            insert(sense, reading, Self.pinyin)
            spellings[reading] = min(spellings[reading] ?? folded, folded)
        }
        if phrase.language == "ja", let letters = Romaji.letters(ofKana: folded) {
            insert(sense, letters, Self.romaji)
        }
        // Words that say nothing are too many, and each would be another word of some language.
        if phrase.language == "ko", phrase.meaning != .filler {
            for letters in Romaja.letters(ofHangul: folded) { insert(sense, letters, Self.romaja) }
        }
        if case .term = phrase.meaning, let language = phrase.language {
            words[language, default: []].formUnion(
                atoms.filter { !$0.isCharacter && $0.text.utf8.count >= 4 }.map(\.text)
            )
            let verbs = atoms.lazy.map(\.text).filter { SeparableVerb.mayBe($0, in: language) }
            separableVerbs[language, default: []].formUnion(verbs.map { Stem.of($0, in: language) })
        }
    }

    private mutating func insert(_ sense: Sense, _ form: String, _ group: String) {
        let known = senses[group]?[form] ?? []
        if !known.contains(sense) { senses[group, default: [:]][form] = known + [sense] }
    }

    private func group(of language: String?, _ atoms: [Atom]) -> String {
        guard let language, Self.inflected.contains(language), atoms.contains(where: { !$0.isCharacter }) else {
            return Self.uninflected
        }
        return language
    }

    private static func form(_ atoms: ArraySlice<Atom>, in group: String) -> String {
        Atom.joined(
            atoms.map { atom in
                guard !atom.isCharacter else { return atom }
                return Atom(text: Stem.of(atom.text, in: group), isCharacter: false, startsRun: atom.startsRun)
            }
        )
    }

    // MARK: Looking up

    /// A phrase that was found in a text.
    struct Match: Sendable {
        /// Of the text's atoms.
        let range: Range<Int>
        let senses: [Sense]
        /// How much of the text it explains: characters, each of a script without spaces as two.
        let size: Int
        let isOwnLanguage: Bool
    }

    /// The phrases in a text, the longest first, none over another.
    ///
    /// - Parameter language: of who asks, whose own words win over the same words of others.
    func matches(in atoms: [Atom], language: Language) -> [Match] {
        var found: [Match] = []
        for start in atoms.indices {
            for length in 1...min(longestPhrase, atoms.count - start) {
                if let match = match(start..<(start + length), of: atoms, language) { found.append(match) }
            }
        }
        found.sort { left, right in
            if left.size != right.size { return left.size > right.size }
            if left.isOwnLanguage != right.isOwnLanguage { return left.isOwnLanguage }
            return left.range.lowerBound < right.range.lowerBound
        }
        var taken = Set<Int>()
        let kept = found.filter { match in
            guard taken.isDisjoint(with: match.range) else { return false }
            taken.formUnion(match.range)
            return true
        }
        let concepts = Set(kept.filter { $0.senses.contains { $0.meaning.isConcept } }.map(\.range.lowerBound))
        return kept.filter { match in
            let isPrefix = match.range.count == 1 && atoms[match.range.lowerBound].isCharacter
            return !isPrefix || !match.isNegation || concepts.contains(match.range.upperBound)
        }
    }

    /// The properties of food, teaching and medicine that the words within a phrase mean: of "sushi restaurant" sushi.
    func properties(within range: Range<Int>, of atoms: [Atom], _ language: Language) -> [String] {
        var found: [String] = []
        for start in range {
            for end in (start + 1)...range.upperBound where end - start < range.count {
                let codes = match(start..<end, of: atoms, language)?.senses.compactMap(\.meaning.code) ?? []
                found += codes.filter { code in
                    Self.telling.contains(where: code.hasPrefix) && !found.contains(code)
                }
            }
        }
        return found
    }

    private static let telling = ["a.cuisine.", "a.diet.", "a.curr.", "a.spec."]

    private func match(_ range: Range<Int>, of atoms: [Atom], _ language: Language) -> Match? {
        let part = atoms[range]
        // A phrase may be written with spaces or without, but it does not begin within one word and end in the next.
        let isWithinRun = atoms[range.lowerBound].isCharacter && !atoms[range.lowerBound].startsRun
        guard !isWithinRun || part.dropFirst().allSatisfy({ !$0.startsRun }) else { return nil }
        let endsWithinRun = atoms.dropFirst(range.upperBound).first?.startsRun == false
        var senses = self.senses[Self.uninflected]?[Self.form(part, in: Self.uninflected)] ?? []
        // One character is a word only where it stands alone, but it may negate what follows: 非, 不.
        if range.count == 1, atoms[range.lowerBound].isCharacter,
            isWithinRun || endsWithinRun,
            language.code != "ja" || !Self.isNoun(range.lowerBound, of: atoms)
        {
            senses = senses.filter { $0.meaning == .negation }
        }
        // What says nothing does not take the beginning of a word with it: 근처 의원 is not 근처의.
        if endsWithinRun, part.dropFirst().contains(where: \.startsRun) { senses.removeAll { $0.meaning == .filler } }
        if part.contains(where: { !$0.isCharacter }) {
            for group in Self.inflected { senses += self.senses[group]?[Self.form(part, in: group)] ?? [] }
        }
        return match(range, senses, size: part.reduce(0) { $0 + ($1.isCharacter ? 2 : $1.text.utf8.count) }, language)
    }

    /// Whether a character is a word by what stands beside it in Japanese: kana before, or nothing, and behind it a
    /// particle, or nothing (猫を診てくれる, 近くの塾).
    private static func isNoun(_ index: Int, of atoms: [Atom]) -> Bool {
        guard atoms[index].isHan else { return false }
        let isBeginning = atoms[index].startsRun || index > 0 && atoms[index - 1].isKana
        guard let next = atoms.dropFirst(index + 1).first, !next.startsRun else { return isBeginning }
        return isBeginning && "をがのはもにで".contains(next.text)
    }

    private func match(_ range: Range<Int>, _ senses: [Sense], size: Int, _ language: Language) -> Match? {
        guard !senses.isEmpty else { return nil }
        let own = senses.filter { Self.isSame($0.language, language) }
        let labels = senses.filter(\.isLabel)
        let kept = own.isEmpty ? (labels.isEmpty ? senses : labels) : own
        return Match(range: range, senses: kept, size: size, isOwnLanguage: !own.isEmpty)
    }

    /// Both forms of Chinese are one language here: the fold makes them one.
    private static func isSame(_ tag: String?, _ language: Language) -> Bool {
        guard let tag else { return false }
        return tag == language.code || tag.hasPrefix("zh") && language.code.hasPrefix("zh")
    }

    /// What a phrase means that was written as it is read, one syllable an element.
    func match(pinyin syllables: [String], at range: Range<Int>) -> Match? {
        guard syllables.count > 1, let senses = senses[Self.pinyin]?[syllables.joined(separator: " ")] else {
            return nil
        }
        return Match(range: range, senses: senses, size: syllables.count * 2, isOwnLanguage: false)
    }

    /// Whether a character says nothing by itself: 的, 找.
    func isFiller(_ character: Atom) -> Bool {
        senses[Self.uninflected]?[character.text]?.contains { $0.meaning == .filler } ?? false
    }

    /// How the Chinese phrase is written that is read so; `nil` where there is none.
    func spelling(ofPinyin syllables: [String]) -> String? { spellings[syllables.joined(separator: " ")] }

    /// What a Japanese or Korean phrase means that was written in plain letters; Korean first for who speaks it.
    func match(spoken text: String, at range: Range<Int>, language: Language) -> Match? {
        let japanese = Romaji.letters(ofLatin: text).flatMap { senses[Self.romaji]?[$0] }
        let korean = Romaja.letters(ofLatin: text).flatMap { senses[Self.romaja]?[$0] }
        guard let senses = language.code == "ko" ? korean ?? japanese : japanese ?? korean else { return nil }
        return Match(range: range, senses: senses, size: text.utf8.count, isOwnLanguage: false)
    }

    /// Whether a verb that stands in two places is one of a phrase: of "Wo hebe ich Geld ab" abheben.
    func isSeparableVerb(_ word: String, in language: String) -> Bool {
        separableVerbs[language]?.contains(Stem.of(word, in: language)) ?? false
    }

    /// What a word means that is made of others: of Notfallkrankenhaus and Kinderarztpraxis the parts that are known. What
    /// stands last says what kind of thing it is, what stands first with which property; a kind that stands first is taken
    /// where the last part says nothing.
    func matches(compound word: String, at range: Range<Int>, language: Language) -> [Match] {
        let letters = Array(word.utf8)
        guard (8...60).contains(letters.count), letters.allSatisfy({ $0 < 0x80 }) else { return [] }
        func lookUp(_ part: ArraySlice<UInt8>) -> Match? {
            let text = String(decoding: part, as: UTF8.self)
            for group in ["de", "nl"] {
                let senses = (senses[group]?[Stem.of(text, in: group)] ?? []).filter(\.isPartOfCompound)
                if let match = match(range, senses, size: part.count, language) { return match }
            }
            return nil
        }
        func isKnown(_ part: ArraySlice<UInt8>) -> Bool {
            let text = String(decoding: part, as: UTF8.self)
            return ["de", "nl"].contains { senses[$0]?[Stem.of(text, in: $0)] != nil }
        }
        // A word that says nothing is the end all the same: Ausländerkinder are Kinder and no Inder.
        let lastStart = (3...(letters.count - 4)).first { isKnown(letters[$0...]) }
        let last = lastStart.flatMap { lookUp(letters[$0...]) }
        let long = (5...(letters.count - 3)).reversed().lazy.compactMap { lookUp(letters[..<$0]) }.first
        // So short a beginning is a kind of place too often by chance (Bank, Park), and a property seldom: Impfzentrum.
        let first = long ?? (letters.count > 8 ? lookUp(letters[..<4]).flatMap { $0.isProperty ? $0 : nil } : nil)
        guard let last else { return first.map { [$0] } ?? [] }
        let isProperty = first?.isProperty ?? false
        // The les of Versailles is no lesson: that takes something to learn.
        let isLesson = last.senses.allSatisfy { $0.meaning.study != nil }
        guard isProperty || !isLesson else { return first.map { [$0] } ?? [] }
        return isProperty ? [first, last].compactMap { $0 } : [last]
    }

    /// The word of the vocabulary that is a slip or two away; the asker's language first.
    func nearestWord(to word: String, language: Language) -> String? {
        let letters = Array(word.utf8)
        guard (5...40).contains(letters.count) else { return nil }
        let limit = letters.count < 8 ? 1 : 2
        let asker = language.code
        for language in [asker] + Self.inflected.filter({ $0 != asker }) {
            var best: (word: [UInt8], distance: Int)?
            // Of two slips none is at the beginning, and a foreign word that is so far away is another: Prostaat, Postamt.
            let limit = language == asker ? limit : 1
            for candidate in vocabulary[language] ?? [] {
                let nearest = candidate.first == letters.first ? limit : 1
                let allowed = min(nearest, (best?.distance ?? limit + 1) - 1)
                guard let distance = EditDistance.between(letters, candidate, limit: allowed) else { continue }
                // A word of some phrase is spelled right, whatever it means by itself.
                guard distance > 0 else { return nil }
                best = (candidate, distance)
            }
            if let best { return String(decoding: best.word, as: UTF8.self) }
        }
        return nil
    }

    /// Phrases that begin with a folded text, each with what it means and how much longer it is.
    func phrases(beginningWith prefix: String) -> [(form: String, sense: Sense)] {
        var found: [(String, Sense)] = []
        for group in [Self.uninflected, Self.pinyin] + Self.inflected {
            for (form, senses) in senses[group] ?? [:] where form.hasPrefix(prefix) {
                found += senses.map { (form, $0) }
            }
        }
        return found
    }
}

extension Lexicon.Match {
    var isNegation: Bool { senses.contains { $0.meaning == .negation } }

    /// Whether all it may mean are properties of places.
    var isProperty: Bool { senses.allSatisfy { $0.meaning.code?.hasPrefix("a.") == true } }
}

extension Lexicon.Sense {
    fileprivate var isPartOfCompound: Bool {
        switch meaning {
        case .term, .study: true
        default: false
        }
    }
}
