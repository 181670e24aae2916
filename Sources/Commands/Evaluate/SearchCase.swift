/// A query and what should come of it: the columns of a file of search cases.
struct SearchCase: Sendable {
    let id: String
    let language: String
    let query: String
    /// One of these, or a category below it, must be among the first five; none where nothing should be found.
    let codes: [String]
    /// All of these, each of them one of several.
    let attributes: [[String]]
    /// Must not be among the first five.
    let unwanted: [String]
    /// Must not be the first.
    let unwantedFirst: [String]
    /// Whether nothing should be found.
    let wantsNothing: Bool

    init(_ one: CaseFile.Case) throws {
        func parts(_ column: String, _ separator: Character) throws -> [String] {
            try one.text(column).split(separator: separator).map(String.init)
        }
        id = try one.text("id")
        language = try one.text("ui_lang")
        query = try one.text("query")
        codes = try parts("expected_codes_any", "|")
        attributes = try parts("required_attributes", "+").map { $0.split(separator: "|").map(String.init) }
        let rules = try parts("must_not", "|").map { $0.hasSuffix(".*") ? String($0.dropLast(2)) : $0 }
        unwanted = rules.filter { !$0.hasSuffix(" first") }
        unwantedFirst = rules.filter { $0.hasSuffix(" first") }.map { String($0.dropLast(6)) }
        wantsNothing = codes.isEmpty
    }
}

/// What a search answered, as far as cases look at it.
struct SearchAnswer: Sendable {
    struct Item: Sendable {
        let category: String
        let attributes: [String]
    }

    let items: [Item]
    let categories: [String]
    let attributes: [String]
    let rung: String

    init(items: [Item], categories: [String], attributes: [String], rung: String) {
        self.items = items
        self.categories = categories
        self.attributes = attributes
        self.rung = rung
    }

    /// Reads the result of `amenities.search`.
    init(_ result: JSONValue) {
        items = result["items"].elements.map { item in
            Item(category: item["category"].plain, attributes: item["attributes"].elements.map(\.plain))
        }
        categories = result["understood"]["categories"].elements.map(\.plain)
        attributes = result["understood"]["attributes"].elements.map(\.plain)
        rung = result["rung"].plain
    }
}

/// How a case came out.
enum SearchVerdict: String, Sendable {
    /// A record that fits is among the first five.
    case hit
    /// No record could fit, and the concepts do.
    case understood
    /// Nothing should be found, and nothing was.
    case nothing
    case missed
    /// What must not be there is.
    case unwanted

    var isRight: Bool { self != .missed && self != .unwanted }

    /// - Parameters:
    ///   - taxonomy: which kinds of place lie in which.
    ///   - canHit: whether the catalogue holds any record that would fit.
    init(_ one: SearchCase, _ answer: SearchAnswer, _ taxonomy: CaseTaxonomy, canHit: Bool) {
        let first = answer.items.prefix(5)
        let isOf = taxonomy.isOf
        let isUnwanted =
            one.unwanted.contains { rule in
                // A hospital may well have a speciality that was not meant; it must not be what was understood.
                rule.hasPrefix("a.") ? answer.attributes.contains(rule) : first.contains { isOf($0.category, rule) }
            }
            || one.unwantedFirst.contains { rule in first.first.map { isOf($0.category, rule) } ?? false }
        if isUnwanted {
            self = .unwanted
        } else if one.wantsNothing {
            self = answer.items.isEmpty ? .nothing : .missed
        } else if canHit {
            let hit = first.contains { item in
                one.codes.contains { isOf(item.category, $0) }
                    && one.attributes.allSatisfy { !$0.allSatisfy { !item.attributes.contains($0) } }
            }
            self = hit ? .hit : .missed
        } else {
            let hasCode = one.codes.contains { code in answer.categories.contains { isOf($0, code) } }
            let hasAttributes = one.attributes.allSatisfy { !$0.allSatisfy { !answer.attributes.contains($0) } }
            self = hasCode && hasAttributes ? .understood : .missed
        }
    }
}

/// Which terms lie in which: a Japanese restaurant is a restaurant, though its code does not say so.
struct CaseTaxonomy: Sendable {
    private let parents: [String: String]

    /// Reads the result of `taxonomy.list`.
    init(_ result: JSONValue) {
        let pairs = result["items"].elements.compactMap { item -> (String, String)? in
            item["parent"].string.map { (item["code"].plain, $0) }
        }
        parents = Dictionary(pairs) { first, _ in first }
    }

    func isOf(_ code: String, _ ancestor: String) -> Bool {
        if code == ancestor || code.hasPrefix(ancestor + ".") { return true }
        return parents[code].map { isOf($0, ancestor) } ?? false
    }
}
