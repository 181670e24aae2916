import Postgres

/// Writes amenities as the contract's items, for one search of one reader.
struct ItemWriter {
    private let origin: Coordinate?
    private let gazetteer: Gazetteer
    /// `nil` where the answer is empty.
    private let facts: Lookup.PageFacts?
    private var heads: ItemHeadWriter
    /// The park whose surroundings were searched.
    private let park: String?
    /// The array so far: one buffer for all, since it is built twenty items an answer.
    private var bytes = [UInt8(ascii: "[")]

    /// - Parameter room: for how many items.
    init(
        _ search: AmenitySearch,
        _ origin: Gazetteer.Origin,
        _ reference: Reference,
        _ facts: Lookup.PageFacts?,
        _ language: Language,
        room: Int
    ) {
        self.origin = origin.point?.converted(to: .wgs84)
        self.facts = facts
        gazetteer = reference.gazetteer
        heads = ItemHeadWriter(reference, language)
        park = search.park
        bytes.reserveCapacity(room * 1000)
    }

    mutating func append(_ listing: Listing) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        if let head = listing.head { bytes += head } else { heads.append(listing, to: &bytes) }
        if let location = listing.location, let origin {
            bytes += Self.distance
            bytes += String(Int(origin.metres(to: location).rounded())).utf8
        }
        if let park = park ?? Self.park(of: listing, gazetteer) {
            bytes += Self.park
            bytes.append(json: park.utf8)
        }
        appendWhatDepends(on: listing)
        bytes.append(UInt8(ascii: "}"))
    }

    consuming func array() -> JSONText {
        bytes.append(UInt8(ascii: "]"))
        return JSONText(utf8: bytes)
    }

    /// The park of its region, else the nearest one.
    private static func park(of listing: Listing, _ gazetteer: Gazetteer) -> String? {
        gazetteer.park(in: listing.region)
            ?? (listing.location ?? gazetteer.point(of: listing.region)).flatMap(gazetteer.nearestPark)
    }

    /// How well it suits and whether it is open: on who looks and on the hour.
    private mutating func appendWhatDepends(on listing: Listing) {
        let match = facts?.culture?.match(of: listing.id)
        let state = facts?.clock.flatMap { clock in listing.schedule?.state(at: clock) }
        guard match != nil || state != nil else {
            bytes += Self.nothingKnown
            return
        }
        bytes += [UInt8].members([("match", match ?? Self.unmatched), ("open", (state ?? .unknown).json)])
    }

    private static let unmatched = JSONText(#"{"score":1,"reasons":[]}"#)
    private static let nothingKnown = [UInt8].members([("match", unmatched), ("open", OpenState.unknown.json)])
    private static let park = Array(#","park":"#.utf8)
    private static let distance = Array(#","distance_m":"#.utf8)
}

/// Writes the beginnings of items for readers of a language: the members that only a change of the amenity or of the
/// vocabulary changes.
struct ItemHeadWriter {
    private let reference: Reference
    private let language: Language
    private let names: NameOrder
    /// What kind of place and where the last one was, and the members that say so: neighbours often share them.
    private var last = (category: "", region: "", members: [UInt8]())

    init(_ reference: Reference, _ language: Language) {
        self.reference = reference
        self.language = language
        names = NameOrder(for: language)
    }

    /// Appends an object that has not been closed.
    mutating func append(_ listing: Listing, to bytes: inout [UInt8]) {
        // A slice by its bounds: where no type is said, dropLast would be that of sequences, which goes byte by byte.
        bytes += listing.facts.utf8[..<(listing.facts.utf8.count - 1)]
        if let name = listing.names.first(in: names, orAny: true) { Self.append(name, behind: Self.name, to: &bytes) }
        if let local = listing.names.first(in: KnownNames.local) {
            Self.append(local, behind: Self.localName, to: &bytes)
        }
        if listing.category != last.category || listing.region != last.region {
            let labels = reference.labels(of: listing.category, in: listing.region, language)
            last = (listing.category, listing.region, .members(labels))
        }
        bytes += last.members
        bytes += Self.verified
        bytes += listing.verified.utf8
        bytes.append(UInt8(ascii: "}"))
    }

    private static func append(_ name: KnownNames.Name, behind beginning: [UInt8], to bytes: inout [UInt8]) {
        bytes += beginning
        bytes.append(json: name.textBytes)
        bytes += Self.language
        bytes.append(json: name.languageBytes)
        bytes += Self.chooser
        bytes += name.originBytes
        bytes += Self.nameEnd
    }

    // What stands between what differs. Origins are one of five words, which need no escaping.
    private static let name = Array(#","name":{"text":"#.utf8)
    private static let localName = Array(#","name_local":{"text":"#.utf8)
    private static let language = Array(#","lang":"#.utf8)
    private static let chooser = Array(#","origin":""#.utf8)
    private static let nameEnd = Array(#""}"#.utf8)
    private static let verified = Array(#","verified":{"state":""#.utf8)
}

extension [UInt8] {
    /// Members to stand behind others: each with a comma before it.
    fileprivate static func members(_ members: [(String, JSONText)]) -> [UInt8] {
        [UInt8(ascii: ",")] + JSONText.object(members).utf8.dropFirst().dropLast()
    }
}
