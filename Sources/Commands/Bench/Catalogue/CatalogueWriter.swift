import Catalog
import FoundationEssentials
import Postgres

/// Made-up amenities with names like real ones, the same for the same seed: around Jiaxing, in every category, with a
/// Chinese name each and others in some of the languages.
struct CatalogueWriter {
    /// A category and what it is called, by language.
    struct Kind: Sendable {
        let code: String
        let labels: [String: String]
    }

    private var state: UInt64
    private let kinds: [Kind]

    init(seed: UInt64, kinds: [Kind]) {
        state = seed
        self.kinds = kinds
    }

    struct Amenity {
        let id: UUID
        let category: String
        let latitude: Double
        let longitude: Double
        let attributes: [String]
        let names: [(language: String, name: String)]
    }

    mutating func next() -> Amenity {
        let kind = kinds[below(kinds.count)]
        let (brand, chineseBrand) = (latinBrand(), chineseBrand())
        let town = Self.towns[below(Self.towns.count)]
        var names: [(language: String, name: String)] = [
            ("zh-Hans", town.chinese + chineseBrand + (kind.labels["zh-Hans"] ?? ""))
        ]
        if below(10) < 6 { names.append(("en", "\(town.english) \(brand) \(kind.labels["en"] ?? "")")) }
        if below(10) == 0 {
            let language = ["ja", "ko", "de", "nl", "fr"][below(5)]
            names.append((language, "\(brand) \(kind.labels[language] ?? "")"))
        }
        let spoken = below(12) == 0 ? ["a.lang." + ["ja", "ko", "de", "nl", "fr", "en"][below(6)]] : []
        return Amenity(
            id: uuid(),
            category: kind.code,
            latitude: 30.2 + fraction(),
            longitude: 120.3 + 1.2 * fraction(),
            attributes: spoken,
            names: names
        )
    }

    /// A word that a name of these may have, for queries.
    mutating func latinBrand() -> String {
        let syllables = (0..<(2 + below(2))).map { _ in
            Self.onsets[below(Self.onsets.count)] + Self.rimes[below(Self.rimes.count)]
        }
        return syllables.joined().capitalized
    }

    mutating func chineseBrand() -> String {
        String((0..<(2 + below(2))).map { _ in Self.characters[below(Self.characters.count)] })
    }

    mutating func below(_ limit: Int) -> Int { Int(random() % UInt64(limit)) }

    mutating func fraction() -> Double { Double(random() >> 11) / Double(1 << 53) }

    private mutating func uuid() -> UUID {
        let digits = [random(), random()].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        .joined()
        let groups = [8, 4, 4, 4, 12].reduce(into: (parts: [Substring](), rest: digits[...])) { result, length in
            result.parts.append(result.rest.prefix(length))
            result.rest = result.rest.dropFirst(length)
        }
        guard let id = UUID(uuidString: groups.parts.joined(separator: "-")) else {
            preconditionFailure("32 hexadecimal digits are a UUID")
        }
        return id
    }

    /// SplitMix64.
    private mutating func random() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    private static let towns: [(chinese: String, english: String)] = [
        ("嘉兴", "Jiaxing"), ("平湖", "Pinghu"), ("嘉善", "Jiashan"), ("海盐", "Haiyan"), ("海宁", "Haining"),
        ("桐乡", "Tongxiang"), ("南湖", "Nanhu"), ("秀洲", "Xiuzhou"),
    ]
    private static let onsets = [
        "b", "ch", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z",
    ]
    private static let rimes = ["a", "an", "ang", "e", "el", "en", "i", "in", "ing", "o", "on", "or", "u", "un", "us"]
    private static let characters = Array(
        "安宝北博长晨城春达德东方丰福富高光广国海和恒红宏虹华辉惠吉佳家嘉建江金锦京晶景康乐力丽利联龙美民明南宁平青庆瑞三盛思泰天同万旺文西祥新信兴旭阳一怡永友裕元源远月云正志中忠"
    )
}
