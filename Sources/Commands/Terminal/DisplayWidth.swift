extension String {
    /// The columns that the text takes on a terminal: two for most of East Asia's characters and for emoji, none for
    /// marks that join the character before.
    package var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    /// The text with spaces behind it, up to a width.
    package func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - displayWidth)) }

    /// The text cut to a width, with an ellipsis where something is missing.
    package func truncated(to width: Int) -> String {
        guard displayWidth > width else { return self }
        var text = ""
        var taken = 0
        for character in self {
            guard taken + character.displayWidth < width else { break }
            text.append(character)
            taken += character.displayWidth
        }
        return text + "…"
    }
}

extension Character {
    /// The columns of one character as a reader sees it, however many scalars it is made of.
    fileprivate var displayWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        // A text character followed by VS16 is drawn as an emoji.
        if unicodeScalars.contains("\u{FE0F}") || first.isWide { return 2 }
        switch first.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark: return 0
        default: return 1
        }
    }
}

extension Unicode.Scalar {
    /// East Asian Width W or F, from EastAsianWidth.txt of Unicode 16, in whole blocks where unassigned code points
    /// count as wide there too.
    fileprivate var isWide: Bool {
        if properties.isEmojiPresentation { return true }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF,
            0x1F200...0x1F265, 0x20000...0x3FFFD:
            return true
        default: return false
        }
    }
}
