import FoundationEssentials
import Postgres

/// What is shown of an amenity in lists, as the database tells it to any reader.
final class Listing: Sendable {
    let id: UUID
    /// The members of an item that no reader and no hour changes: an object.
    let facts: JSONText
    let names: KnownNames
    let category: String
    let region: String
    let location: Coordinate?
    /// The state of the contract's `verified` and what follows it, from behind the quotation mark that opens the state.
    let verified: TextBytes
    let schedule: Schedule?
    /// The beginning of its item as readers of a language see it, in the place of facts, names and `verified`; `nil` where
    /// it is not written yet.
    let head: [UInt8]?

    init(
        id: UUID,
        facts: JSONText,
        names: KnownNames,
        category: String,
        region: String,
        location: Coordinate?,
        verified: TextBytes,
        schedule: Schedule?
    ) {
        self.id = id
        self.facts = facts
        self.names = names
        self.category = category
        self.region = region
        self.location = location
        self.verified = verified
        self.schedule = schedule
        head = nil
    }

    /// The same with its item begun for the readers of a language.
    init(_ listing: Listing, begunBy heads: inout ItemHeadWriter) {
        var head: [UInt8] = []
        head.reserveCapacity(listing.facts.utf8.count + listing.names.size + listing.verified.utf8.count + 300)
        heads.append(listing, to: &head)
        // Without the room that was left.
        self.head = Array(head[...])
        id = listing.id
        facts = JSONText(utf8: [])
        names = KnownNames(lines: TextBytes(""))
        category = listing.category
        region = listing.region
        location = listing.location
        verified = TextBytes("")
        schedule = listing.schedule
    }

    /// What it takes in memory, in bytes, about.
    var size: Int {
        facts.utf8.count + names.size + verified.utf8.count + (head?.count ?? 0) + (schedule?.text.utf8.count ?? 0)
            + 350
    }
}

/// An amenity that a search has found, with its place in the order.
struct ListedAmenity: Sendable {
    let listing: Listing
    /// What it is sorted by, ascending, before its id.
    let sortKey: Double
    var sortName = ""
    /// 3: the text is one of its names; 2: a name begins with it; 1: a name holds it.
    var closeness = 0

    var id: UUID { listing.id }

    /// Whether it comes first of two that are sorted by a number.
    func isBefore(_ other: ListedAmenity) -> Bool { (sortKey, id) < (other.sortKey, other.id) }
}

/// The names in use of an amenity, best first, as a listing keeps them.
struct KnownNames: Sendable {
    /// A name with its language and who chose it.
    struct Name: Sendable {
        fileprivate let lines: [UInt8]
        fileprivate let languageRange: Range<Int>
        fileprivate let originRange: Range<Int>
        fileprivate let textRange: Range<Int>

        var textBytes: ArraySlice<UInt8> { lines[textRange] }
        var languageBytes: ArraySlice<UInt8> { lines[languageRange] }
        var originBytes: ArraySlice<UInt8> { lines[originRange] }

        var text: String { String(decoding: textBytes, as: UTF8.self) }
        var language: String { String(decoding: languageBytes, as: UTF8.self) }
        var origin: String { String(decoding: originBytes, as: UTF8.self) }
    }

    /// A line each: language, space, origin, space, name.
    private let lines: [UInt8]

    init(lines: TextBytes) { self.lines = lines.utf8 }

    /// In bytes.
    var size: Int { lines.count }

    /// The name in Chinese, as on the sign outside.
    static let local = NameOrder(["zh-Hans", "zh-Hant"])

    /// The first name in the languages; where none is and `orAny` says so, the first of all.
    func first(in order: NameOrder, orAny: Bool = false) -> Name? {
        for beginning in order.beginnings {
            if let name = line(beginningWith: beginning) { return name }
        }
        return orAny ? line(beginningWith: []) : nil
    }

    private func line(beginningWith beginning: [UInt8]) -> Name? {
        let (bytes, wanted) = (lines.span, beginning.span)
        var start = 0
        while start < bytes.count {
            var same = 0
            while same < wanted.count, start + same < bytes.count, bytes[start + same] == wanted[same] { same += 1 }
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start + same)
            if same == wanted.count { return name(start..<end) }
            start = end + 1
        }
        return nil
    }

    private func name(_ line: Range<Int>) -> Name? {
        let bytes = lines.span
        let first = bytes.firstIndex(of: UInt8(ascii: " "), from: line.lowerBound)
        let second = bytes.firstIndex(of: UInt8(ascii: " "), from: first + 1)
        guard second < line.upperBound else { return nil }
        return Name(
            lines: lines,
            languageRange: line.lowerBound..<first,
            originRange: (first + 1)..<second,
            textRange: (second + 1)..<line.upperBound
        )
    }
}

extension Span<UInt8> {
    /// The end where there is none.
    fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int {
        var index = start
        while index < count, self[index] != byte { index += 1 }
        return index
    }
}

/// Languages to take a name in, best first.
struct NameOrder: Sendable {
    /// Of a name's line.
    fileprivate let beginnings: [[UInt8]]

    init(_ languages: [String]) { beginnings = languages.map { Array(($0 + " ").utf8) } }

    init(for reader: Language) { self.init(reader.readingOrder) }
}

extension RowReader {
    /// The columns of `catalog.shown`; `nil` where the first is NULL.
    mutating func nextListing() throws(PostgresError) -> Listing? {
        guard let id = try nextIfPresent(UUID.self) else { return nil }
        let facts = try next(JSONText.self)
        let names = KnownNames(lines: try next())
        let category = try next(String.self)
        let region = try next(String.self)
        let latitude = try nextIfPresent(Double.self)
        let longitude = try nextIfPresent(Double.self)
        var location: Coordinate?
        if let latitude, let longitude {
            location = Coordinate(latitude: latitude, longitude: longitude, datum: .wgs84)
        }
        return Listing(
            id: id,
            facts: facts,
            names: names,
            category: category,
            region: region,
            location: location,
            verified: try next(),
            schedule: try nextIfPresent(String.self).flatMap(Schedule.init)
        )
    }

    /// A listing and what it is sorted by, where it is ranked also by name and closeness; `nil` where the first column is
    /// NULL.
    mutating func nextListedAmenity(isRanked: Bool = false) throws(PostgresError) -> ListedAmenity? {
        guard let listing = try nextListing() else { return nil }
        var amenity = ListedAmenity(listing: listing, sortKey: try next())
        if isRanked {
            amenity.sortName = try next()
            amenity.closeness = Int(try next(Int32.self))
        }
        return amenity
    }
}
