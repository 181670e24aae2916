/// Reads the words of searches: what kind of place, with which properties, where, and what is left as text.
///
/// Concepts come first, longest phrase first, in any of the eight languages; where the same word means different things,
/// the asker's language decides. Then words that are made of others, then Chinese written as it is read. What nothing
/// explains is text, without the words that say nothing.
package struct QueryReader: Sendable {
    package let lexicon: Lexicon
    package let implications: Implications

    package init(lexicon: Lexicon, implications: Implications) {
        self.lexicon = lexicon
        self.implications = implications
    }

    package func read(_ query: String, language: Language) -> QueryUnderstanding {
        if let phone = Self.phone(in: query) { return phone }
        return read(atoms(of: query, language), whole: Fold.text(query), language)
    }

    /// Reads the words, and once more with the slips put right where they say no kind of place.
    package func readOrCorrected(_ text: String, language: Language) -> QueryUnderstanding {
        let reading = read(text, language: language)
        guard reading.categories.isEmpty, let corrected = readCorrected(text, language: language) else {
            return reading
        }
        return corrected.categories.isEmpty ? reading : corrected
    }

    /// Reads the words once more with the slips of the hand put right; `nil` where no word is nearly one that is known.
    package func readCorrected(_ query: String, language: Language) -> QueryUnderstanding? {
        let whole = Fold.text(query)
        var atoms = atoms(of: query, language)
        let explained = Set(matches(in: atoms, language).flatMap(\.range))
        var corrections: [QueryUnderstanding.Correction] = []
        for index in atoms.indices where !explained.contains(index) && !atoms[index].isCharacter {
            guard let word = lexicon.nearestWord(to: atoms[index].text, language: language) else { continue }
            corrections.append(QueryUnderstanding.Correction(from: atoms[index].text, to: word))
            atoms[index].text = word
        }
        if language.code.hasPrefix("zh") { corrections += respell(&atoms, except: explained) }
        guard !corrections.isEmpty else { return nil }
        var reading = read(atoms, whole: whole, language)
        reading.corrections = corrections
        return reading
    }

    private func read(_ atoms: [Atom], whole: String, _ language: Language) -> QueryUnderstanding {
        var reading = QueryUnderstanding()
        reading.whole = whole
        let matches = matches(in: atoms, language)
        take(matches, of: atoms, language, into: &reading)
        let explained = Set(matches.flatMap(\.range))
        reading.rest = atoms.indices.filter { !explained.contains($0) }.map { atoms[$0] }
        if reading.isUnderstood {
            Self.dropParticles(atoms, explained, from: &reading)
        } else if reading.rest.isEmpty {
            // Nothing but words that say nothing: then they are what is looked for.
            reading.rest = atoms
        }
        return reading
    }

    private func atoms(of query: String, _ language: Language) -> [Atom] {
        SeparableVerb.joined(Atom.split(unfolded: query), in: language.code) { verb in
            lexicon.isSeparableVerb(verb, in: language.code)
        }
    }

    /// Every phrase of the text in the order of the text.
    private func matches(in atoms: [Atom], _ language: Language) -> [Lexicon.Match] {
        var matches = lexicon.matches(in: atoms, language: language)
        let explained = Set(matches.flatMap(\.range))
        for index in atoms.indices where !explained.contains(index) && !atoms[index].isCharacter {
            matches += lexicon.matches(compound: atoms[index].text, at: index..<(index + 1), language: language)
        }
        matches = preferPinyin(to: matches, in: atoms)
        matches += spokenMatches(in: atoms, except: Set(matches.flatMap(\.range)), language)
        return matches.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    // MARK: Telephone numbers

    /// A text that is a telephone number and nothing else.
    private static func phone(in query: String) -> QueryUnderstanding? {
        let digits = query.unicodeScalars.count { $0.properties.numericType != nil }
        guard (5...20).contains(digits), query.utf8.count <= 64,
            let number = try? PhoneNumber(parsing: query, areaCode: jiaxingAreaCode), let e164 = number.e164
        else { return nil }
        var reading = QueryUnderstanding()
        reading.whole = Fold.text(query)
        reading.phone = e164
        return reading
    }

    /// Numbers without an area code are taken for those of the city that all of this is about.
    private static let jiaxingAreaCode = "573"

    // MARK: What is left

    /// Takes endings and particles out of what is left: 한 of 가능한, の, 's. Once something was understood they say
    /// nothing, and a name that is looked for is longer.
    private static func dropParticles(
        _ atoms: [Atom],
        _ explained: Set<Int>,
        from reading: inout QueryUnderstanding
    ) {
        var kept: [Atom] = []
        var index = 0
        while index < atoms.count {
            var end = index
            while end < atoms.count, !explained.contains(end), end == index || !atoms[end].startsRun { end += 1 }
            let run = atoms[index..<end]
            if !run.isEmpty, !isParticle(run) { kept += run }
            index = max(end, index + 1)
        }
        reading.rest = kept
    }

    private static func isParticle(_ run: ArraySlice<Atom>) -> Bool {
        guard let first = run.first else { return true }
        if !first.isCharacter { return first.text.unicodeScalars.count == 1 }
        return run.count == 1 || run.allSatisfy(\.isKana) || run.count == 2 && run.allSatisfy(\.isHangul)
    }
}
