import Postgres

/// Writes amenities as the contract's items, for one search of one reader.
struct ItemWriter {
    private let origin: Coordinate?
    private let reference: Reference
    /// `nil` where the answer is empty.
    private let facts: Lookup.PageFacts?
    private let language: Language
    private let names: NameOrder
    /// The member of the park whose surroundings were searched, and nothing where none was named.
    private let park: [UInt8]
    /// The array so far: one buffer for all, since it is built twenty items an answer.
    private var bytes = [UInt8(ascii: "[")]
    /// What kind of place and where the last one was, and the members that say so: neighbours often share them.
    private var last = (category: "", region: "", members: [UInt8]())

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
        self.reference = reference
        self.facts = facts
        self.language = language
        names = NameOrder(for: language)
        park = search.park.map { Self.members([("park", .string($0))]) } ?? []
        bytes.reserveCapacity(room * 1000)
    }

    mutating func append(_ amenity: ListedAmenity) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes += amenity.facts.utf8.dropLast()
        if let name = amenity.names.first(in: names, orAny: true) { append(name, behind: Self.name) }
        if let local = amenity.names.first(in: KnownNames.local) { append(local, behind: Self.localName) }
        if amenity.category != last.category || amenity.region != last.region {
            let labels = reference.labels(of: amenity.category, in: amenity.region, language)
            last = (amenity.category, amenity.region, Self.members(labels))
        }
        bytes += last.members
        if let location = amenity.location, let origin {
            bytes += Self.distance
            bytes += String(Int(origin.metres(to: location).rounded())).utf8
        }
        bytes += Self.verified
        bytes += amenity.verified.utf8
        bytes.append(UInt8(ascii: "}"))
        bytes += park
        appendWhatDepends(on: amenity)
        bytes.append(UInt8(ascii: "}"))
    }

    consuming func array() -> JSONText {
        bytes.append(UInt8(ascii: "]"))
        return JSONText(utf8: bytes)
    }

    /// How well it suits and whether it is open: on who looks and on the hour.
    private mutating func appendWhatDepends(on amenity: ListedAmenity) {
        let match = facts?.culture?.match(of: amenity.id)
        let state = facts?.clock.flatMap { clock in amenity.schedule?.state(at: clock) }
        guard match != nil || state != nil else {
            bytes += Self.nothingKnown
            return
        }
        bytes += Self.members([("match", match ?? Self.unmatched), ("open", (state ?? .unknown).json)])
    }

    private mutating func append(_ name: KnownNames.Name, behind beginning: [UInt8]) {
        bytes += beginning
        bytes.append(json: name.textBytes)
        bytes += Self.language
        bytes.append(json: name.languageBytes)
        bytes += Self.chooser
        bytes += name.originBytes
        bytes += Self.nameEnd
    }

    /// Members to stand behind others: each with a comma before it.
    private static func members(_ members: [(String, JSONText)]) -> [UInt8] {
        [UInt8(ascii: ",")] + JSONText.object(members).utf8.dropFirst().dropLast()
    }

    private static let unmatched = JSONText(#"{"score":1,"reasons":[]}"#)
    private static let nothingKnown = members([("match", unmatched), ("open", OpenState.unknown.json)])

    // What stands between what differs. Origins are one of five words, which need no escaping.
    private static let name = Array(#","name":{"text":"#.utf8)
    private static let localName = Array(#","name_local":{"text":"#.utf8)
    private static let language = Array(#","lang":"#.utf8)
    private static let chooser = Array(#","origin":""#.utf8)
    private static let nameEnd = Array(#""}"#.utf8)
    private static let distance = Array(#","distance_m":"#.utf8)
    private static let verified = Array(#","verified":{"state":""#.utf8)
}
