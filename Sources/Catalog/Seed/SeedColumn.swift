/// One column of a seed file and what may stand in it.
struct SeedColumn: Sendable {
    let name: String
    let isRequired: Bool
    let content: Content

    /// What a cell that is not empty must be.
    enum Content: Sendable {
        case text
        case oneOf([String])
        case number(ClosedRange<Double>)
        case integer(ClosedRange<Int>)
        /// The key of a row in another file, or in the same one.
        case key(of: String)
        /// Several keys, with `;` between them.
        case keys(of: String)
        /// A text that passes a test; what is expected is said when it does not.
        case matching(String, @Sendable (String) -> Bool)
        /// Several texts that pass a test, with `;` between them.
        case list(String, @Sendable (String) -> Bool)
    }

    static func required(_ name: String, _ content: Content = .text) -> SeedColumn {
        SeedColumn(name: name, isRequired: true, content: content)
    }

    static func optional(_ name: String, _ content: Content = .text) -> SeedColumn {
        SeedColumn(name: name, isRequired: false, content: content)
    }

    /// Why a cell's text is wrong, or `nil`.
    ///
    /// - Parameter exists: whether a file has a row of this key.
    func objection(to text: String, exists: (_ file: String, _ key: String) -> Bool) -> String? {
        guard !text.isEmpty else { return isRequired ? "is empty" : nil }
        // PostgreSQL's texts can't hold it.
        if text.utf8.contains(0) { return "contains a zero byte" }
        switch content {
        case .text: return nil
        case .oneOf(let values):
            return values.contains(text) ? nil : "\(quoted(text)) is none of \(values.joined(separator: ", "))"
        case .number(let range):
            guard let value = Double(text), range.contains(value) else {
                return "\(quoted(text)) is no number from \(range.lowerBound) to \(range.upperBound)"
            }
            return nil
        case .integer(let range):
            guard let value = Int(text), range.contains(value) else {
                return "\(quoted(text)) is no whole number from \(range.lowerBound) to \(range.upperBound)"
            }
            return nil
        case .key(let file): return exists(file, text) ? nil : "\(quoted(text)) is not in \(file).csv"
        case .keys(let file):
            return parts(of: text).first { !exists(file, $0) }.map { "\(quoted($0)) is not in \(file).csv" }
        case .matching(let expected, let test): return test(text) ? nil : "\(quoted(text)) is not \(expected)"
        case .list(let expected, let test):
            return parts(of: text).first { !test($0) }.map { "\(quoted($0)) is not \(expected)" }
        }
    }

    private func parts(of text: String) -> [String] {
        text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
    }

    private func quoted(_ text: String) -> String { "\"\(text.count > 40 ? text.prefix(40) + "…" : text[...])\"" }
}

extension SeedColumn.Content {
    static let confidence = Self.oneOf(["high", "medium", "low"])
    static let origin = Self.oneOf(["official", "signage", "curator", "community", "machine"])
    static let latitude = Self.number(-90...90)
    static let longitude = Self.number(-180...180)

    /// A word of a slug or of a park's id.
    static let slug = Self.matching("lower-case letters and digits with single hyphens between them") { text in
        text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { $0.isASCIILowercase || $0.isASCIIDigit }
        }
    }

    static let country = Self.matching("a country's two capital letters", isCountry)
    static let countries = Self.list("a country's two capital letters", isCountry)

    static let currency = Self.matching("a currency's three capital letters") { text in
        text.utf8.count == 3 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    static let language = Self.matching("a language tag such as en or zh-Hans") { text in
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return (2...3).contains(parts[0].count) && parts[0].allSatisfy(\.isASCIILowercase)
            && parts.dropFirst().allSatisfy { (1...8).contains($0.count) }
    }

    /// Facts are often known to the month or the year only, so less than a day is as good.
    static let date = Self.matching("a date as YYYY, YYYY-MM or YYYY-MM-DD") { text in
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count), parts[0].count == 4, parts.dropFirst().allSatisfy({ $0.count == 2 }),
            parts.allSatisfy({ $0.allSatisfy(\.isASCIIDigit) })
        else { return false }
        let numbers = parts.compactMap { Int(String($0) ?? "") }
        return (numbers.count < 2 || (1...12).contains(numbers[1]))
            && (numbers.count < 3 || (1...31).contains(numbers[2]))
    }

    static let day = Self.matching("a day as YYYY-MM-DD") { WallTime(parsing: $0 + "T00:00") != nil }

    static let phone = Self.matching("an E.164 number such as +862164068027") { text in
        text.hasPrefix("+") && (8...16).contains(text.utf8.count) && text.utf8.dropFirst().allSatisfy(\.isASCIIDigit)
    }

    static let address = Self.matching("an address that begins with https:// or http://") { text in
        text.hasPrefix("https://") || text.hasPrefix("http://")
    }

    private static let isCountry: @Sendable (String) -> Bool = { text in
        text.utf8.count == 2 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}

extension UInt8 {
    fileprivate var isASCIILowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    fileprivate var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
