/// A language that labels are kept in.
package struct Language: Hashable, Sendable {
    /// A BCP 47 tag among ``all``.
    package let code: String

    /// The eight languages of every label.
    package static let all = ["en", "zh-Hans", "zh-Hant", "ja", "de", "nl", "fr", "ko"].map(Language.init(code:))
    package static let english = Language(code: "en")

    /// The best of the eight for a BCP 47 tag; English for any other, since an unknown language must not break a call.
    package static func resolve(_ tag: String?) -> Language {
        guard let tag else { return .english }
        let parts = tag.split(whereSeparator: { $0 == "-" || $0 == "_" }).map { $0.lowercased() }
        guard let primary = parts.first else { return .english }
        if primary == "zh" {
            let isTraditional = parts.contains("hant") || !Set(parts).isDisjoint(with: ["tw", "hk", "mo"])
            return Language(code: isTraditional && !parts.contains("hans") ? "zh-Hant" : "zh-Hans")
        }
        return all.first { $0.code == primary } ?? .english
    }

    private init(code: String) { self.code = code }

    /// Its place among ``all``.
    var number: Int { Self.all.firstIndex(of: self) ?? 0 }
}

/// A language that people speak, which may be any.
package enum SpokenLanguage {
    /// The primary subtag of a BCP 47 tag in lower case, which is how languages of service are told apart: `zh` for
    /// `zh-Hant`. `nil` for what has not the form of a tag.
    package static func primarySubtag(of tag: String) -> String? {
        let subtags = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard let primary = subtags.first, (2...3).contains(primary.utf8.count),
            primary.utf8.allSatisfy({ (0x61...0x7A).contains($0 | 0x20) }),
            subtags.dropFirst().allSatisfy({
                (1...8).contains($0.utf8.count) && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            })
        else { return nil }
        return primary.lowercased()
    }
}
