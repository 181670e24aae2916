/// Why an amenity suits somebody, or does not. Codes are those of the taxonomy.
package enum CultureReason: Sendable, Hashable {
    /// - language: a primary BCP 47 subtag; level: as in `a.langlevel`, `nil` where it is not known.
    case speaks(language: String, level: String?)
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
            case .speaks(let spoken, let level):
                [label("a.lang." + spoken) ?? spoken, level.map { name("a.langlevel." + $0) }].compactMap { $0 }
                    .joined(separator: " – ")
            case .ofNationality(let code), .lapsed(let code), .faith(let code), .otherFaith(let code), .diet(let code),
                .insurer(let code), .unknown(let code):
                name(code)
            case .admitted, .notAdmitted, .rightAge, .wrongAge: nil
            }
        let phrase = phrases[language.code] ?? phrases[Language.english.code] ?? ""
        // Chinese and Japanese set a full-width colon, French a space before it.
        let colon =
            switch language.code {
            case "zh-Hans", "zh-Hant", "ja": "："
            case "fr": "\u{A0}: "
            default: ": "
            }
        return argument.map { phrase + colon + $0 } ?? phrase
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
