/// Tells what of a text is wanted from what is not: not Chinese, 中華以外, 중국집 말고, Chinesisch mag ich nicht.
struct Refusals {
    /// In the order of the text, with the words that say nothing.
    private(set) var wanted: [Lexicon.Match] = []
    private(set) var refused: [Lexicon.Match] = []

    /// Whether the next concept is not wanted.
    private var isNegated = false
    /// Whether the next concept is not wanted either if it is of the same kind: not Chinese or Japanese.
    private var isJoined = false
    /// Whether words behind it, if they are not too far, would be about a concept that is wanted so far.
    private var isOpen = false

    /// - Parameter matches: in the order of the text.
    init(_ matches: [Lexicon.Match], of atoms: [Atom]) {
        var end = 0
        for match in matches {
            if Self.isContent(atoms[end..<max(end, match.range.lowerBound)]) { forget() }
            end = max(end, match.range.upperBound)
            take(match)
        }
        // Nothing follows that would not be wanted: it is what stands before.
        if isNegated, !Self.isContent(atoms[end...]) { refuseLast() }
    }

    /// What nobody knows lies between, so that a negation is about that: 没有猪肉的餐厅.
    private mutating func forget() {
        isNegated = false
        isJoined = false
        isOpen = false
    }

    private mutating func take(_ match: Lexicon.Match) {
        let meanings = match.senses.map(\.meaning)
        if meanings.contains(.negation) {
            isNegated = true
        } else if meanings.contains(.negationBehind) {
            refuseLast()
        } else if meanings.contains(where: \.isConcept) {
            if isNegated || isJoined && refused.last.map({ Self.isAlike($0, match) }) ?? false {
                refused.append(match)
                isOpen = false
            } else {
                wanted.append(match)
                isOpen = true
            }
            isNegated = false
            isJoined = false
        } else if isNegated, meanings.contains(where: \.isPlace) {
            // Not in Shanghai: nobody says where instead.
            isNegated = false
        } else {
            isJoined = isJoined || meanings.contains(.alternative) && !isOpen
            wanted.append(match)
        }
    }

    private mutating func refuseLast() {
        guard isOpen, let index = wanted.lastIndex(where: { $0.senses.contains { $0.meaning.isConcept } }) else {
            return
        }
        refused.append(wanted.remove(at: index))
        isOpen = false
    }

    /// Both of the same kind of place or property; a people's may be any: not Chinese or Japanese food.
    private static func isAlike(_ left: Lexicon.Match, _ right: Lexicon.Match) -> Bool {
        func kinds(_ match: Lexicon.Match) -> Set<Substring> {
            Set(match.senses.compactMap { $0.meaning.code?.prefix { $0 != "." } })
        }
        return left.senses.contains { $0.meaning.nationality != nil } || !kinds(left).isDisjoint(with: kinds(right))
    }

    /// Whether atoms that nothing explains are more than endings and particles.
    private static func isContent(_ atoms: ArraySlice<Atom>) -> Bool {
        if atoms.contains(where: { $0.isHan || !$0.isCharacter && $0.text.utf8.count > 1 }) { return true }
        return atoms.count > 2
    }
}
