/// The parts of a telephone number as somebody wrote it, before anything is made of them.
struct WrittenPhoneNumber {
    /// The digits of a number in China without the country code, or all of them where the country is not said.
    let digits: String
    /// The digits with the country code, for another country than China.
    let foreignDigits: String?
    let `extension`: String?

    init(_ text: String) throws(PhoneNumberError) {
        var number = text.map { Self.folded[$0] ?? $0 }
        if String(number).lowercased().hasPrefix("tel:") { number.removeFirst(4) }
        var (main, extensionDigits) = try Self.split(number)
        let hasPlus = main.first { !$0.isWhitespace && $0 != "(" } == "+"
        // A number of both worlds: +86 (0)573 …
        if hasPlus, let zero = Self.optionalTrunk(in: main) { main.removeSubrange(zero) }
        var groups = try Self.groups(of: main)
        guard !groups.isEmpty else { throw .noDigits }
        // 0573-82000000-801: a third group that is too short to belong to the number.
        if extensionDigits == nil, let last = groups.last, Self.isExtension(last, after: groups.dropLast()) {
            extensionDigits = last
            groups.removeLast()
        }
        self.extension = extensionDigits
        let all = groups.joined()
        let isInternational = hasPlus || all.hasPrefix("00")
        let code = hasPlus ? all[...] : isInternational ? all.dropFirst(2) : all[...]
        // Without a plus 86 is the country only where more digits follow than any number in China has.
        let isChina = code.hasPrefix("86") && (isInternational || (12...14).contains(code.count))
        digits = isChina ? String(code.dropFirst(2)) : all
        foreignDigits = isInternational && !isChina ? String(code) : nil
    }

    /// Cuts the text where an extension begins.
    private static func split(_ text: [Character]) throws(PhoneNumberError) -> (main: [Character], extension: String?) {
        let lowered = text.map { Character($0.lowercased()) }
        for marker in markers {
            guard let start = lowered.firstRange(of: Array(marker))?.lowerBound else { continue }
            let digits = text[(start + marker.count)...].drop { " .:：=)".contains($0) || $0.isWhitespace }
            let trimmed = String(digits).split(whereSeparator: { $0.isWhitespace || $0 == ")" })
            guard trimmed.count == 1, let only = trimmed.first, (1...6).contains(only.count), only.allSatisfy(isDigit)
            else { throw .badExtension }
            return (Array(text[..<start]).reversed().drop { " ;,(".contains($0) }.reversed(), String(only))
        }
        return (text, nil)
    }

    /// How extensions are called, longer names before those that they contain.
    private static let markers = [
        "extension", "ext", "分机号", "分機號", "分机", "分機", "内线", "內線", "内線", "转接", "轉接", "转", "轉", "durchwahl", "toestel",
        "poste", "내선", "#", "x",
    ]

    private static func groups(of text: [Character]) throws(PhoneNumberError) -> [String] {
        var groups: [String] = []
        var isInGroup = false
        for (index, character) in text.enumerated() {
            if isDigit(character) {
                if isInGroup { groups[groups.count - 1].append(character) } else { groups.append(String(character)) }
                isInGroup = true
                continue
            }
            isInGroup = false
            let isPlus = character == "+" && !text[..<index].contains(where: isDigit)
            guard isPlus || " -./()".contains(character) || character.isWhitespace else {
                throw .strangeCharacter(character)
            }
        }
        return groups
    }

    /// Whether a last group is an extension: what stands before it is a whole landline, area code and all, by itself.
    private static func isExtension(_ last: String, after groups: ArraySlice<String>) -> Bool {
        guard (1...4).contains(last.count), groups.count >= 2 else { return false }
        let before = groups.joined()
        guard let trunk = before.firstIndex(of: "0"),
            before.count - before.distance(from: before.startIndex, to: trunk) >= 11
        else { return false }
        // 0573 8200 0000 is one number of three groups; 0573 82000000 801 is one and an extension.
        return groups.last.map { $0.count >= 7 } ?? false
    }

    private static func optionalTrunk(in text: [Character]) -> Range<Int>? { text.firstRange(of: Array("(0)")) }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    /// What East Asian keyboards and typesetters put for the plain characters.
    private static let folded: [Character: Character] = {
        var folded: [Character: Character] = [
            "＋": "+", "－": "-", "（": "(", "）": ")", "／": "/", "．": ".", "　": " ", "–": "-", "—": "-", "‐": "-",
            "‑": "-",
            "−": "-", "ー": "-", "＃": "#", "：": ":",
        ]
        for (index, digit) in "０１２３４５６７８９".enumerated() { folded[digit] = Character(String(index)) }
        return folded
    }()
}
