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
    private var items: JSONObjects
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
        items = JSONObjects(room: room * 1000)
    }

    mutating func append(_ amenity: ListedAmenity) {
        items.begin(with: amenity.facts)
        if let name = amenity.names.first(in: names, orAny: true) { items.add("name", name) }
        if let local = amenity.names.first(in: KnownNames.local) { items.add("name_local", local) }
        if amenity.category != last.category || amenity.region != last.region {
            let labels = reference.labels(of: amenity.category, in: amenity.region, language)
            last = (amenity.category, amenity.region, Self.members(labels))
        }
        items.add(last.members)
        if let location = amenity.location, let origin {
            items.add("distance_m", Int(origin.metres(to: location).rounded()))
        }
        items.add(Self.verified)
        items.add(amenity.verified.utf8)
        items.end()
        items.add(park)
        items.add("match", facts?.culture?.match(of: amenity.id) ?? Self.unmatched)
        items.add(
            "open",
            facts?.clock.flatMap { clock in amenity.schedule?.state(at: clock) }?.json ?? Self.unknownState
        )
        items.end()
    }

    consuming func array() -> JSONText { items.array() }

    /// Members to stand behind others: each with a comma before it.
    private static func members(_ members: [(String, JSONText)]) -> [UInt8] {
        [UInt8(ascii: ",")] + JSONText.object(members).utf8.dropFirst().dropLast()
    }

    private static let verified = Array(#","verified":{"state":""#.utf8)
    private static let unmatched = JSONText(#"{"score":1,"reasons":[]}"#)
    private static let unknownState = OpenState.unknown.json
}
