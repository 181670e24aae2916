import Postgres

/// Appends JSON to bytes. Output is compact and escapes what JSON requires, and U+2028, U+2029 and C1 controls, which break
/// readers that treat a reply as a line or as script.
struct JSONWriter {
    var bytes: [UInt8] = []

    /// Appends text that is JSON already.
    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func raw(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Appends JSON that someone else wrote, on one line. PostgreSQL's `json_agg` puts line breaks between elements; inside
    /// strings they cannot stand, so each is white space and may be a space.
    mutating func line(_ more: [UInt8]) {
        let span = more.span
        var (written, index) = (0, 0)
        while index < span.count {
            if index + 8 <= span.count, Self.isPlain(eight: span.word(at: index)) {
                index += 8
                continue
            }
            let byte = span[index]
            guard byte < 0x20 || byte == 0xC2 || byte == 0xE2 else {
                index += 1
                continue
            }
            let (length, substitute) = Self.substitute(at: index, span)
            if let substitute {
                bytes.append(contentsOf: more[written..<index])
                raw(substitute)
                written = index + length
            }
            index += length
        }
        bytes.append(contentsOf: more[written...])
    }

    /// What stands for the character at this place, and how many bytes the character has; `nil` if it may stay.
    private static func substitute(at index: Int, _ span: Span<UInt8>) -> (length: Int, text: String?) {
        let next = index + 1 < span.count ? span[index + 1] : 0
        switch span[index] {
        case .lineFeed, .carriageReturn: return (1, " ")
        // C1 controls, which terminals obey.
        case 0xC2 where (0x80..<0xA0).contains(next): return (2, "\\u00" + String(next, radix: 16))
        case 0xE2 where next == 0x80 && index + 2 < span.count:
            return switch span[index + 2] {
            case 0xA8: (3, "\\u2028")
            case 0xA9: (3, "\\u2029")
            default: (3, nil)
            }
        default: return (1, nil)
        }
    }

    /// Whether none of eight bytes is below 0x20, 0xC2 or 0xE2.
    private static func isPlain(eight word: UInt64) -> Bool {
        let (ones, highs) = (UInt64(0x0101_0101_0101_0101), UInt64(0x8080_8080_8080_8080))
        // The classic test for a zero byte, of the word less each of what is looked for.
        func hasZero(_ word: UInt64) -> Bool { (word &- ones) & ~word & highs != 0 }
        return (word &- ones &* 0x20) & ~word & highs == 0 && !hasZero(word ^ ones &* 0xC2)
            && !hasZero(word ^ ones &* 0xE2)
    }

    /// Appends a string, quoted and escaped.
    mutating func string(_ text: String) {
        bytes.append(.quote)
        for scalar in text.utf8 where !Self.isPlain(scalar) {
            escape(text)
            bytes.append(.quote)
            return
        }
        bytes.append(contentsOf: text.utf8)
        bytes.append(.quote)
    }

    mutating func integer(_ value: Int) { raw(String(value)) }

    mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }

    /// Appends a number with three decimals, from thousandths.
    mutating func thousandths(_ value: Int) {
        integer(value / 1000)
        let rest = value % 1000
        bytes.append(UInt8(ascii: "."))
        bytes.append(.zero + UInt8(truncatingIfNeeded: rest / 100))
        bytes.append(.zero + UInt8(truncatingIfNeeded: rest / 10 % 10))
        bytes.append(.zero + UInt8(truncatingIfNeeded: rest % 10))
    }

    /// Appends a member's name and its colon, and a comma unless the object has just been opened.
    mutating func name(_ name: String) {
        if bytes.last != .openBrace { bytes.append(.comma) }
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Appends a member that is a string; nothing for `nil`.
    mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    /// Appends a member that is an array of strings.
    mutating func member(_ name: String, _ values: [String]) {
        self.name(name)
        bytes.append(.openBracket)
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(.comma) }
            string(value)
        }
        bytes.append(.closeBracket)
    }

    // MARK: Escapes

    private static func isPlain(_ byte: UInt8) -> Bool {
        // 0xC2 begins C1 controls, 0xE2 begins U+2028: only then are the characters looked at.
        byte >= 0x20 && byte != .quote && byte != .backslash && byte != 0xC2 && byte != 0xE2
    }

    private mutating func escape(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: raw("\\\"")
            case 0x5C: raw("\\\\")
            case 0x08: raw("\\b")
            case 0x09: raw("\\t")
            case 0x0A: raw("\\n")
            case 0x0C: raw("\\f")
            case 0x0D: raw("\\r")
            case 0..<0x20, 0x80...0x9F, 0x2028, 0x2029:
                raw("\\u")
                for shift in stride(from: UInt32(12), through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: scalar.value >> shift & 15)
                    bytes.append(digit < 10 ? .zero + digit : UInt8(ascii: "a") + digit - 10)
                }
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }
}

extension JSONText {
    /// The same as ``JSONWriter/line(_:)`` writes it.
    var onOneLine: JSONText {
        var writer = JSONWriter()
        writer.line(utf8)
        return JSONText(utf8: writer.bytes)
    }
}
