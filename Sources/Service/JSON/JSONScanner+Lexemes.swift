/// What has no inner structure: white space, literals, numbers, strings.
extension JSONScanner {
    func peek(_ bytes: Span<UInt8>) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    func fault(_ reason: JSONFault.Reason) -> JSONFault { JSONFault(reason: reason, offset: index) }

    mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    mutating func literal(_ word: String, _ bytes: Span<UInt8>) throws(JSONFault) {
        for byte in word.utf8 {
            guard let next = peek(bytes) else { throw fault(.unfinished) }
            guard next == byte else { throw fault(.unexpectedByte) }
            index += 1
        }
    }

    // MARK: Numbers

    mutating func number(_ bytes: Span<UInt8>) throws(JSONFault) {
        if peek(bytes) == UInt8(ascii: "-") { index += 1 }
        var digits = 0
        if peek(bytes) == .zero {
            index += 1
            digits = 1
            if let next = peek(bytes), (.zero ... .nine).contains(next) { throw fault(.badNumber) }
        } else {
            digits = try self.digits(bytes)
        }
        if peek(bytes) == UInt8(ascii: ".") {
            index += 1
            digits += try self.digits(bytes)
        }
        guard digits <= Self.maximumDigits else { throw fault(.longNumber) }
        guard let next = peek(bytes), next == UInt8(ascii: "e") || next == UInt8(ascii: "E") else { return }
        index += 1
        if let sign = peek(bytes), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
        guard try self.digits(bytes) <= Self.maximumExponentDigits else { throw fault(.longNumber) }
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONFault) -> Int {
        let first = index
        while let byte = peek(bytes), (.zero ... .nine).contains(byte) { index += 1 }
        guard index > first else { throw fault(peek(bytes) == nil ? .unfinished : .badNumber) }
        return index - first
    }

    static let maximumDigits = 512
    static let maximumExponentDigits = 4

    // MARK: Strings

    mutating func string(_ bytes: Span<UInt8>) throws(JSONFault) -> JSONNode.Flags {
        var flags: JSONNode.Flags = []
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case .quote:
                index += 1
                return flags
            case .backslash:
                flags.insert(.escaped)
                if try escape(bytes) == 0 { flags.insert(.zero) }
            case 0x20...0x7F: index += 1
            case ..<0x20: throw fault(.badString)
            default: try multibyte(byte, bytes)
            }
        }
        throw fault(.unfinished)
    }

    /// Passes one escape and returns its code point.
    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONFault) -> UInt32 {
        guard index + 1 < bytes.count else { throw fault(.unfinished) }
        let letter = bytes[index + 1]
        guard letter == UInt8(ascii: "u") else {
            guard let value = JSONString.simpleEscape(letter) else { throw fault(.badEscape) }
            index += 2
            return UInt32(value)
        }
        let unit = try codeUnit(bytes)
        switch unit {
        case 0xD800...0xDBFF:
            guard index + 1 < bytes.count, bytes[index] == .backslash, bytes[index + 1] == UInt8(ascii: "u") else {
                throw fault(.loneSurrogate)
            }
            let low = try codeUnit(bytes)
            guard (0xDC00...0xDFFF).contains(low) else { throw fault(.loneSurrogate) }
            return 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        case 0xDC00...0xDFFF: throw fault(.loneSurrogate)
        default: return unit
        }
    }

    private mutating func codeUnit(_ bytes: Span<UInt8>) throws(JSONFault) -> UInt32 {
        guard index + 6 <= bytes.count else { throw fault(.unfinished) }
        var unit: UInt32 = 0
        for offset in 2..<6 {
            guard let digit = JSONString.hexadecimal(bytes[index + offset]) else { throw fault(.badEscape) }
            unit = unit << 4 | digit
        }
        index += 6
        return unit
    }

    /// Passes one character outside ASCII: shortest form, no surrogates, nothing above U+10FFFF.
    private mutating func multibyte(_ first: UInt8, _ bytes: Span<UInt8>) throws(JSONFault) {
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: throw fault(.badUTF8)
            }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { throw fault(.badUTF8) }
        for offset in 2..<length where bytes[index + offset] & 0xC0 != 0x80 { throw fault(.badUTF8) }
        index += length
    }
}
