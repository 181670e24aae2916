/// The value of a string that the scanner has passed.
enum JSONString {
    /// The string's bytes with its escapes replaced. The node must come from a scan of these bytes.
    static func decode(_ node: JSONNode, _ bytes: Span<UInt8>) -> [UInt8] {
        let end = Int(node.end) - 1
        var index = Int(node.start) + 1
        var value: [UInt8] = []
        value.reserveCapacity(end - index)
        while index < end {
            let byte = bytes[index]
            guard byte == .backslash else {
                value.append(byte)
                index += 1
                continue
            }
            let letter = bytes[index + 1]
            if let simple = simpleEscape(letter) {
                value.append(simple)
                index += 2
                continue
            }
            var scalar = codeUnit(at: index, bytes)
            index += 6
            if (0xD800...0xDBFF).contains(scalar) {
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (codeUnit(at: index, bytes) - 0xDC00)
                index += 6
            }
            guard let scalar = Unicode.Scalar(scalar) else { preconditionFailure("the scanner refused surrogates") }
            value.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
        return value
    }

    /// What a backslash and this letter stand for; `nil` for `u` and for letters that JSON does not escape.
    static func simpleEscape(_ letter: UInt8) -> UInt8? {
        switch letter {
        case .quote, .backslash, UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case .zero ... .nine: UInt32(byte - .zero)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func codeUnit(at index: Int, _ bytes: Span<UInt8>) -> UInt32 {
        var unit: UInt32 = 0
        for offset in 2..<6 { unit = unit << 4 | (hexadecimal(bytes[index + offset]) ?? 0) }
        return unit
    }
}

/// The bytes that JSON's grammar names.
extension UInt8 {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let comma = UInt8(ascii: ",")
    static let zero = UInt8(ascii: "0")
    static let nine = UInt8(ascii: "9")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
}
