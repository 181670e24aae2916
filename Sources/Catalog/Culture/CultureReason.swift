/// Why an amenity suits somebody, or does not. Codes are those of the taxonomy.
package enum CultureReason: Sendable, Hashable {
    /// - language: a primary BCP 47 subtag; level: as in `a.langlevel`, `nil` where it is not known; channel: who or what
    ///   speaks it, as in `catalog.language_offer`; confirmed: the month in which somebody last checked.
    case speaks(language: String, level: String?, channel: String? = nil, confirmed: String? = nil)
    case ofNationality(String)
    case lapsed(String)
    case admitted
    case notAdmitted
    case rightAge
    case wrongAge
    case faith(String)
    case otherFaith(String)
    case diet(String)
    case insurer(String)
    /// Asked for, and nobody knows: unknown is not no.
    case unknown(String)

    /// The reason for a reader.
    ///
    /// - Parameter label: a term's label in the reader's language; a code without one is shown as it is.
    package func text(in language: Language, label: (String) -> String?) -> String {
        func name(_ code: String) -> String { label(code) ?? code }
        let argument: String? =
            switch self {
            case .speaks(let spoken, let level, let channel, let confirmed):
                [
                    label("a.lang." + spoken) ?? spoken, level.map { name("a.langlevel." + $0) },
                    channel.flatMap { Self.phrase(Self.channelPhrases[$0] ?? [:], in: language) },
                    confirmed.map { Self.phrase(Self.confirmedPhrases, in: language) + " " + $0 },
                ]
                .compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " – ")
            case .ofNationality(let code), .lapsed(let code), .faith(let code), .otherFaith(let code), .diet(let code),
                .insurer(let code), .unknown(let code):
                name(code)
            case .admitted, .notAdmitted, .rightAge, .wrongAge: nil
            }
        let phrase = Self.phrase(phrases, in: language)
        // Chinese and Japanese set a full-width colon, French a space before it.
        let colon =
            switch language.code {
            case "zh-Hans", "zh-Hant", "ja": "："
            case "fr": "\u{A0}: "
            default: ": "
            }
        return argument.map { phrase + colon + $0 } ?? phrase
    }

    private static func phrase(_ phrases: [String: String], in language: Language) -> String {
        phrases[language.code] ?? phrases[Language.english.code] ?? ""
    }

    /// The words by language, before the term where there is one. Our own work.
    private var phrases: [String: String] {
        switch self {
        case .speaks: Self.speaksPhrases
        case .ofNationality: Self.nationalityPhrases
        case .lapsed: Self.lapsedPhrases
        case .admitted: Self.admittedPhrases
        case .notAdmitted: Self.notAdmittedPhrases
        case .rightAge: Self.rightAgePhrases
        case .wrongAge: Self.wrongAgePhrases
        case .faith: Self.faithPhrases
        case .otherFaith: Self.otherFaithPhrases
        case .diet: Self.dietPhrases
        case .insurer: Self.insurerPhrases
        case .unknown: Self.unknownPhrases
        }
    }
}
