/// One word, number, mark or comment of opening hours.
struct OpeningHoursToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// In lower case.
        case word(String)
        case number(Int, digits: Int)
        case mark(Character)
        /// `||`
        case fallback
        case comment(String)
    }

    let kind: Kind
    /// Characters before it.
    let offset: Int
    let followsSpace: Bool

    /// Longer texts are no hours.
    private static let longest = 1000

    /// - Throws: ``OpeningHoursError`` for what can begin no token.
    static func tokens(of text: String) throws(OpeningHoursError) -> [OpeningHoursToken] {
        guard text.utf8.count <= longest else {
            throw OpeningHoursError(offset: 0, reason: "the text is longer than \(longest) bytes")
        }
        let characters = Array(text)
        var tokens: [OpeningHoursToken] = []
        var index = 0
        var followsSpace = false
        while index < characters.count {
            guard !characters[index].isWhitespace else {
                followsSpace = true
                index += 1
                continue
            }
            let (kind, length) = try token(at: index, of: characters)
            tokens.append(OpeningHoursToken(kind: kind, offset: index, followsSpace: followsSpace))
            followsSpace = false
            index += length
        }
        return tokens
    }

    private static func token(at index: Int, of characters: [Character]) throws(OpeningHoursError) -> (Kind, Int) {
        let rest = characters[index...]
        let first = characters[index]
        if isLetter(first) {
            let word = rest.prefix(while: isLetter)
            return (.word(String(word).lowercased()), word.count)
        }
        if isDigit(first) {
            let digits = rest.prefix(while: isDigit)
            guard digits.count <= 4, let value = Int(String(digits)) else {
                throw OpeningHoursError(offset: index, reason: "a number of more than four digits")
            }
            return (.number(value, digits: digits.count), digits.count)
        }
        if first == "\"" {
            let comment = rest.dropFirst().prefix { $0 != "\"" }
            guard index + comment.count + 1 < characters.count else {
                throw OpeningHoursError(offset: index, reason: "the comment that begins here is never closed")
            }
            return (.comment(String(comment)), comment.count + 2)
        }
        if first == "|", index + 1 < characters.count, characters[index + 1] == "|" { return (.fallback, 2) }
        guard let mark = marks[first] else {
            throw OpeningHoursError(offset: index, reason: "“\(first)” has no meaning in opening hours")
        }
        return (.mark(mark), 1)
    }

    private static func isLetter(_ character: Character) -> Bool { character.isASCII && character.isLetter }
    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    /// What people type for each mark: dashes of every length, the full-width marks of Chinese and Japanese keyboards.
    private static let marks: [Character: Character] = [
        "-": "-", "–": "-", "—": "-", "－": "-", "~": "-", "～": "-", ",": ",", "，": ",", ";": ";", "；": ";",
        ":": ":", "：": ":", "/": "/", "+": "+", "[": "[", "]": "]", "(": "(", ")": ")",
    ]
}
