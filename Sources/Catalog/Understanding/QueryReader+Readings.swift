/// Words that are written as they are read: Chinese in pinyin, Japanese and Korean in plain letters, and Chinese in other
/// characters of the same sound.
extension QueryReader {
    // MARK: Pinyin

    /// The matches with those of pinyin: among the words that nothing else explains, and where several words together are
    /// a phrase that other readings explain in parts only (you in guo ji you er yuan).
    func preferPinyin(to matches: [Lexicon.Match], in atoms: [Atom]) -> [Lexicon.Match] {
        let explained = Set(matches.flatMap(\.range))
        let phrases = pinyinMatches(in: atoms, except: []).filter { phrase in
            phrase.range.count > 1 && !explained.isSuperset(of: phrase.range)
        }
        let spelled = Set(phrases.flatMap(\.range))
        let kept = matches.filter { spelled.isDisjoint(with: $0.range) } + phrases
        return kept + pinyinMatches(in: atoms, except: Set(kept.flatMap(\.range)))
    }

    /// Chinese phrases among the words, written in syllables, spaced or joined.
    private func pinyinMatches(in atoms: [Atom], except explained: Set<Int>) -> [Lexicon.Match] {
        var matches: [Lexicon.Match] = []
        var start = 0
        while start < atoms.count {
            var syllables: [(text: String, atom: Int)] = []
            var end = start
            while end < atoms.count, !explained.contains(end), !atoms[end].isCharacter,
                let division = Pinyin.divisions(of: atoms[end].text).first
            {
                syllables += division.map { ($0, end) }
                end += 1
            }
            matches += phrases(of: syllables)
            start = max(end, start) + 1
        }
        return matches
    }

    /// The longest phrases of the syllables, from the left. A phrase may begin or end within a joined word; the word counts
    /// as explained only when all of it is.
    private func phrases(of syllables: [(text: String, atom: Int)]) -> [Lexicon.Match] {
        var found: [(syllables: Range<Int>, match: Lexicon.Match)] = []
        var start = 0
        while start < syllables.count {
            var next = start + 1
            for end in stride(from: min(syllables.count, start + 12), to: start + 1, by: -1) {
                let part = syllables[start..<end]
                guard let first = part.first, let last = part.last,
                    let match = lexicon.match(pinyin: part.map(\.text), at: first.atom..<(last.atom + 1))
                else { continue }
                found.append((start..<end, match))
                next = end
                break
            }
            start = next
        }
        let explained = Set(found.flatMap(\.syllables))
        let whole = Set(syllables.indices.filter { !explained.contains($0) }.map { syllables[$0].atom })
        return found.map(\.match).filter { whole.isDisjoint(with: $0.range) }
    }

    // MARK: Japanese and Korean

    /// The most words that one phrase is written in.
    private static let longestSpoken = 5

    /// Japanese and Korean phrases among the words that nothing else explains, the longest first.
    func spokenMatches(in atoms: [Atom], except explained: Set<Int>, _ language: Language) -> [Lexicon.Match] {
        var matches: [Lexicon.Match] = []
        var start = 0
        while start < atoms.count {
            var end = start
            while end < min(atoms.count, start + Self.longestSpoken), !explained.contains(end), !atoms[end].isCharacter
            {
                end += 1
            }
            let found = (start..<end).reversed().lazy.compactMap { last in
                let range = start..<(last + 1)
                return lexicon.match(spoken: atoms[range].map(\.text).joined(), at: range, language: language)
            }
            .first
            if let found { matches.append(found) }
            start = found?.range.upperBound ?? start + 1
        }
        return matches
    }

    // MARK: Other characters of the same sound

    /// The most characters that are put right together.
    private static let longestRespelling = 8

    /// Replaces characters that are read like a known phrase by those of the phrase: 银航 by 银行.
    func respell(_ atoms: inout [Atom], except explained: Set<Int>) -> [QueryUnderstanding.Correction] {
        var corrections: [QueryUnderstanding.Correction] = []
        var start = 0
        while start < atoms.count {
            var end = start
            while end < min(atoms.count, start + Self.longestRespelling), !explained.contains(end), atoms[end].isHan,
                end == start || !atoms[end].startsRun
            {
                end += 1
            }
            var next = start + 1
            for last in stride(from: end, to: start + 1, by: -1) {
                let written = atoms[start..<last].map(\.text)
                guard let syllables = Pinyin.syllables(of: written.flatMap(\.unicodeScalars)),
                    let spelling = lexicon.spelling(ofPinyin: syllables), spelling.count == written.count
                else { continue }
                // Two characters sound like others too often: 量贩店 is no 饭店. They have to be all that nothing explains.
                guard last - start > 2 || standsAlone(start..<last, of: atoms, explained) else { continue }
                for (index, character) in zip(start..<last, spelling) { atoms[index].text = String(character) }
                corrections.append(QueryUnderstanding.Correction(from: written.joined(), to: spelling))
                next = last
                break
            }
            start = next
        }
        return corrections
    }

    /// Whether all characters beside a piece are explained, say nothing, or belong to another run.
    private func standsAlone(_ piece: Range<Int>, of atoms: [Atom], _ explained: Set<Int>) -> Bool {
        func isSilent(_ index: Int) -> Bool { explained.contains(index) || lexicon.isFiller(atoms[index]) }
        let begins = atoms[piece.lowerBound].startsRun || isSilent(piece.lowerBound - 1)
        let ends = piece.upperBound == atoms.count || atoms[piece.upperBound].startsRun || isSilent(piece.upperBound)
        return begins && ends
    }
}
