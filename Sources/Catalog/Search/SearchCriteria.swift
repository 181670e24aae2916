/// What one look into the database asks for.
struct SearchCriteria: Sendable {
    /// Where distances begin.
    var origin = Gazetteer.Origin(point: nil, reaches: [])
    var radiusMetres: Double?
    /// With all below them, each with how well it fits, 1 best; `nil` for any.
    var categories: [(code: String, place: Int)]?
    /// All of these.
    var attributes: [String] = []
    /// One of each.
    var groups: [[String]] = []
    /// How many of the groups at least.
    var neededGroups = 0
    var excluded: [String] = []
    /// A tsquery.
    var words: String?
    /// A tsquery for whole names.
    var name: String?
    /// The whole text folded, to compare with names.
    var whole: String?
    /// What it is worth to hold the whole text, to begin with it, and to be it.
    var closeness: [Int] = [0, 0, 100]
    /// tsqueries of which some must be met.
    var parts: [String] = []
    var neededParts = 0
    /// `nil`: whether open or not.
    var schedules: [Schedule]?
    var confirmedWithinDays: Int?
    /// Attributes of the languages that are understood, and further terms that suit.
    var languageAttributes: [String] = []
    var suitingTerms: [String] = []
    var sort = AmenitySearch.Sort.relevance
    /// What is counted of all that is found: facets, or `total` alone.
    var counted: [String] = []

    /// Whether the order of an index is the answer's order, and nothing else is asked for.
    var isBrowsing: Bool { isByDistance && counted.isEmpty }

    /// Whether nothing but the distance can decide the order: it is about kinds of place around a point. Then they are
    /// sorted by it also where they are counted, so that the pages of what was counted once follow each other.
    var isByDistance: Bool {
        (sort == .distance || sort == .relevance && languageAttributes.isEmpty && suitingTerms.isEmpty)
            && origin.point != nil && radiusMetres != nil && groups.isEmpty && excluded.isEmpty && words == nil
            && name == nil && parts.isEmpty && (categories != nil || attributes.isEmpty)
    }

    /// The category, where browsing asks for one and nothing else.
    var onlyCategory: String? {
        guard let categories, categories.count == 1, attributes.isEmpty, schedules == nil, confirmedWithinDays == nil
        else { return nil }
        return categories[0].code
    }
}

/// How far down the ladder an answer was found.
package enum Rung: String, Sendable, CaseIterable {
    /// A name, to the letter.
    case exact
    /// The beginning of a name.
    case prefix
    /// Every word, every concept.
    case phrase
    /// After a slip of the hand was put right.
    case typo
    /// Some of what was asked: a wish is not known to be met, or a word is nowhere.
    case partial
    /// Places around, without words.
    case browse
    case none
}
