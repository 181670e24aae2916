/// Chinese as it is read, in syllables without tones.
package enum Pinyin {
    /// The syllables of a folded text, one a Han character; `nil` where a character's reading is not known.
    ///
    /// - Parameter text: Han characters only.
    package static func syllables(of text: some Collection<Unicode.Scalar>) -> [String]? {
        let scalars = Array(text)
        var syllables: [String] = []
        var index = 0
        while index < scalars.count {
            if index + 1 < scalars.count, let pair = pairs[[scalars[index], scalars[index + 1]]] {
                syllables += pair
                index += 2
            } else {
                guard let reading = readings[scalars[index]] else { return nil }
                syllables.append(reading)
                index += 1
            }
        }
        return syllables
    }

    /// How a word of plain letters divides into syllables, fewest first; empty where it does not.
    ///
    /// - Parameter limit: the most ways that are followed: xian is xian and xi an.
    package static func divisions(of word: String, limit: Int = 4) -> [[String]] {
        // Keyboards write ü as v.
        let letters = word.utf8.map { $0 == UInt8(ascii: "v") ? UInt8(ascii: "u") : $0 }
        guard (1...60).contains(letters.count), letters.allSatisfy({ (0x61...0x7A).contains($0) }) else { return [] }
        // By position, the best ways to reach it.
        var ways: [[[String]]] = Array(repeating: [], count: letters.count + 1)
        ways[0] = [[]]
        for start in 0..<letters.count where !ways[start].isEmpty {
            for length in 1...min(longestSyllable, letters.count - start) {
                let syllable = String(decoding: letters[start..<(start + length)], as: UTF8.self)
                guard all.contains(syllable) else { continue }
                let longer = ways[start].map { $0 + [syllable] }
                ways[start + length] = Array(
                    (ways[start + length] + longer).sorted { $0.count < $1.count }.prefix(limit)
                )
            }
        }
        return ways[letters.count]
    }

    private static let longestSyllable = 6
    /// Every syllable of the table.
    private static let all = Set(readings.values)

    private static let readings: [Unicode.Scalar: String] = {
        var readings: [Unicode.Scalar: String] = [:]
        for group in table.split(whereSeparator: \.isWhitespace) {
            let syllable = String(group.prefix { $0.isASCII })
            for character in group.dropFirst(syllable.count).unicodeScalars { readings[character] = syllable }
        }
        return readings
    }()

    /// Words in which a character is not read as usual. Our own list.
    private static let pairs: [[Unicode.Scalar]: [String]] = {
        let words = [
            ("长沙", "chang sha"), ("长安", "chang an"), ("长江", "chang jiang"), ("长宁", "chang ning"), ("乐清", "yue qing"),
            ("音乐", "yin yue"), ("都市", "du shi"), ("成都", "cheng du"), ("首都", "shou du"), ("重庆", "chong qing"),
            ("银行", "yin hang"), ("行政", "xing zheng"), ("厦门", "xia men"), ("大厦", "da sha"), ("会计", "kuai ji"),
            ("朝阳", "chao yang"), ("西藏", "xi zang"), ("调查", "diao cha"), ("校场", "jiao chang"), ("六安", "lu an"),
            ("便宜", "pian yi"), ("旅行", "lu xing"), ("行业", "hang ye"), ("商行", "shang hang"), ("车行", "che hang"),
        ]
        return Dictionary(
            words.map { (Array($0.0.unicodeScalars), $0.1.split(separator: " ").map(String.init)) },
            uniquingKeysWith: { first, _ in first }
        )
    }()
}
