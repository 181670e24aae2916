extension OpeningHours {
    /// Reads hours; spaces, capitals and the length of dashes don't matter.
    ///
    /// - Throws: ``OpeningHoursError`` for what is no hours or beyond what is understood here.
    package init(parsing text: String) throws(OpeningHoursError) {
        var parser = OpeningHoursParser(tokens: try OpeningHoursToken.tokens(of: text), length: text.count)
        rules = try parser.rules()
    }
}

/// Reads the rules of opening hours, token by token.
struct OpeningHoursParser {
    let tokens: [OpeningHoursToken]
    let length: Int
    var index = 0
    /// Whether the rule before ends with a time, a state or a comment, so that a comma begins another.
    private var saysWhen = false

    init(tokens: [OpeningHoursToken], length: Int) {
        self.tokens = tokens
        self.length = length
    }

    mutating func rules() throws(OpeningHoursError) -> [OpeningHours.Rule] {
        guard !tokens.isEmpty else { throw OpeningHoursError(offset: 0, reason: "the text is empty") }
        var rules = [try rule(.replacing)]
        while let token = next {
            switch token.kind {
            case .mark(";"):
                index += 1
                // Many end their hours with it.
                if next == nil { return rules }
                rules.append(try rule(.replacing))
            // After a mere day or date a comma would go on with the list, and what follows is none: `Jan 1,PH off`.
            case .mark(",") where saysWhen:
                index += 1
                rules.append(try rule(.adding))
            case .fallback:
                index += 1
                rules.append(try rule(.fallback))
            default: throw unexpected()
            }
        }
        return rules
    }

    private mutating func rule(_ separator: OpeningHours.Separator) throws(OpeningHoursError) -> OpeningHours.Rule {
        var rule = OpeningHours.Rule(separator: separator)
        let start = index
        saysWhen = skipAlways()
        if saysWhen { return try modified(rule, isEmpty: false) }
        rule.dates = try dates()
        _ = index > start && skip(":")
        let afterDates = index
        rule.days = try days()
        _ = index > afterDates && skip(":")
        rule.spans = try spans()
        saysWhen = !rule.spans.isEmpty
        return try modified(rule, isEmpty: index == start)
    }

    /// Reads what follows the selectors: a state, a comment, or both.
    private mutating func modified(
        _ rule: OpeningHours.Rule,
        isEmpty: Bool
    ) throws(OpeningHoursError) -> OpeningHours.Rule {
        var rule = rule
        var hasState = false
        if case .word(let word) = next?.kind, let state = Self.states[word] {
            rule.state = state
            hasState = true
            index += 1
        }
        if case .comment(let text) = next?.kind {
            rule.comment = text
            if !hasState { rule.state = .unknown }
            hasState = true
            index += 1
        }
        guard !isEmpty || hasState else { throw unexpected() }
        if hasState { saysWhen = true }
        return rule
    }

    private static let states: [String: OpenState.Kind] = [
        "open": .open, "off": .closed, "closed": .closed, "unknown": .unknown,
    ]

    // MARK: Tokens

    var next: OpeningHoursToken? { index < tokens.count ? tokens[index] : nil }

    func isMark(_ mark: Character, at position: Int) -> Bool {
        position < tokens.count && tokens[position].kind == .mark(mark)
    }

    mutating func skip(_ mark: Character) -> Bool {
        guard isMark(mark, at: index) else { return false }
        index += 1
        return true
    }

    mutating func skipAlways() -> Bool {
        guard index + 2 < tokens.count, tokens[index].kind == .number(24, digits: 2), isMark("/", at: index + 1),
            tokens[index + 2].kind == .number(7, digits: 1)
        else { return false }
        index += 3
        return true
    }

    func unexpected() -> OpeningHoursError {
        guard let token = next else {
            return OpeningHoursError(offset: length, reason: "the text ends where more is needed")
        }
        let what =
            switch token.kind {
            case .word(let word): word
            case .number(let number, _): String(number)
            case .mark(let mark): String(mark)
            case .fallback: "||"
            case .comment(let text): text
            }
        return OpeningHoursError(offset: token.offset, reason: "“\(what.prefix(20))” is not understood here")
    }
}
