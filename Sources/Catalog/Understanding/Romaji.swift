/// Japanese in plain letters. The systems of writing it (shi and si, ou and ō) are brought to one.
package enum Romaji {
    /// Shorter words are too easily those of other languages.
    private static let shortest = 4

    /// The letters of a folded text of kana and nothing else; `nil` for any other and for one that is too short.
    package static func letters(ofKana text: String) -> String? {
        var letters = ""
        var isDoubled = false
        for character in text where character != "ー" && character != " " {
            if character == "っ" {
                isDoubled = true
            } else if let (vowel, glide) = small[character] {
                // しゃ is s and ya, ふぁ is f and a.
                guard !letters.isEmpty else { return nil }
                letters.removeLast()
                letters += glide + vowel
            } else {
                guard let syllable = syllables[character] else { return nil }
                if isDoubled, let first = syllable.first { letters.append(first) }
                isDoubled = false
                letters += syllable
            }
        }
        return letters.utf8.count < shortest ? nil : short(letters)
    }

    /// The same of a word that may be Japanese in any system of writing it; `nil` where it can't be.
    package static func letters(ofLatin text: String) -> String? {
        guard (shortest...60).contains(text.utf8.count), text.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else {
            return nil
        }
        var letters = text
        for (written, plain) in spellings { letters = letters.replacing(written, with: plain) }
        return short(letters)
    }

    /// Long vowels as short ones: some write them twice, some with a mark, some not at all.
    private static func short(_ letters: String) -> String {
        var short = ""
        for letter in letters {
            if let last = short.last, letter == last && "aiueo".contains(letter) || letter == "u" && last == "o" {
                continue
            }
            short.append(letter)
        }
        return short
    }

    /// In this order, each to the system that the table below writes.
    private static let spellings = [
        ("shi", "si"), ("sh", "sy"), ("tchi", "tti"), ("chi", "ti"), ("tch", "tty"), ("ch", "ty"), ("tsu", "tu"),
        ("ji", "zi"), ("jy", "zy"), ("j", "zy"), ("f", "h"), ("v", "b"), ("l", "r"), ("mb", "nb"), ("mp", "np"),
        ("mm", "nm"), ("dzu", "zu"), ("du", "zu"), ("di", "zi"),
    ]

    private static let small: [Character: (vowel: String, glide: String)] = [
        "ゃ": ("a", "y"), "ゅ": ("u", "y"), "ょ": ("o", "y"), "ぁ": ("a", ""), "ぃ": ("i", ""), "ぅ": ("u", ""),
        "ぇ": ("e", ""),
        "ぉ": ("o", ""),
    ]

    private static let syllables: [Character: String] = {
        let rows = [
            ("", "あいうえお"), ("k", "かきくけこ"), ("s", "さしすせそ"), ("t", "たちつてと"), ("n", "なにぬねの"), ("h", "はひふへほ"),
            ("m", "まみむめも"), ("r", "らりるれろ"), ("g", "がぎぐげご"), ("z", "ざじずぜぞ"), ("d", "だ＿＿でど"), ("b", "ばびぶべぼ"),
            ("p", "ぱぴぷぺぽ"),
        ]
        var table: [Character: String] = [
            "や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "を": "o", "ん": "n", "ぢ": "zi", "づ": "zu", "ゔ": "bu",
        ]
        for (consonant, row) in rows {
            for (kana, vowel) in zip(row, "aiueo") where kana != "＿" { table[kana] = consonant + String(vowel) }
        }
        return table
    }()
}
