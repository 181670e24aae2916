/// The regions and parks, and how far they are from each other.
package struct Gazetteer: Sendable {
    package struct Region: Sendable {
        package let code: String
        package let parent: String?
        package let nameZh: String
        package let nameEn: String
        package let seat: Coordinate?

        package init(code: String, parent: String?, nameZh: String, nameEn: String, seat: Coordinate?) {
            self.code = code
            self.parent = parent
            self.nameZh = nameZh
            self.nameEn = nameEn
            self.seat = seat
        }
    }

    package struct Park: Sendable {
        package let id: String
        package let region: String
        package let location: Coordinate?
        /// By language.
        package let names: [String: String]

        package init(id: String, region: String, location: Coordinate?, names: [String: String]) {
            self.id = id
            self.region = region
            self.location = location
            self.names = names
        }
    }

    private let regions: [String: Region]
    private let parks: [String: Park]
    /// The points that stand for regions, in the order of their codes.
    private let seats: [(region: String, point: Coordinate, spot: Spot)]
    /// In the order of their foundation.
    package let parkIDs: [String]
    /// Where the parks are, in the same order.
    private let sites: [(park: String, spot: Spot)]

    package init(regions: [Region], parks: [Park]) {
        self.regions = Dictionary(regions.map { ($0.code, $0) }) { first, _ in first }
        self.parks = Dictionary(parks.map { ($0.id, $0) }) { first, _ in first }
        parkIDs = parks.map(\.id)
        let known = self.regions
        seats = known.keys.sorted().compactMap { code in
            Self.point(of: code, in: known).map { (code, $0, Spot($0)) }
        }
        sites = parks.compactMap { park in
            (park.location ?? Self.point(of: park.region, in: known)).map { (park.id, Spot($0)) }
        }
    }

    func park(_ id: String) -> Park? { parks[id] }

    /// The first park of a region.
    package func park(in region: String) -> String? { parkIDs.first { parks[$0]?.region == region } }

    /// The park that is nearest to a point, the older of two that are equally near; `nil` where no park has a place.
    func nearestPark(to point: Coordinate) -> String? {
        let spot = Spot(point)
        return sites.min { spot.metres(to: $0.spot) < spot.metres(to: $1.spot) }?.park
    }

    func parkName(_ id: String, in language: Language) -> String? {
        let names = parks[id]?.names ?? [:]
        return language.readingOrder.lazy.compactMap { names[$0] }.first ?? names.values.min()
    }

    func regionName(_ code: String, in language: Language) -> String? {
        guard let region = regions[code] else { return nil }
        return ["zh-Hans", "zh-Hant", "ja"].contains(language.code) ? region.nameZh : region.nameEn
    }

    /// The point that stands for a region when distances are compared: its own seat, or the nearest ancestor's. Never shown
    /// as anybody's location.
    func point(of region: String) -> Coordinate? { Self.point(of: region, in: regions) }

    private static func point(of region: String, in regions: [String: Region]) -> Coordinate? {
        var code: String? = region
        while let known = code.flatMap({ regions[$0] }) {
            if let seat = known.seat { return seat }
            code = known.parent
        }
        return nil
    }

    /// Where a search starts.
    struct Origin: Sendable {
        let point: Coordinate?
        /// Regions and how far they are, in metres.
        let reaches: [(region: String, metres: Double)]
    }

    /// A region that is the search's own is at 0; any other is never nearer than 1 km, also where for want of a seat both
    /// are represented by the same point.
    ///
    /// - Parameter radius: regions further than that may be left out.
    func origin(park: String?, region: String?, near: Coordinate?, radius: Double? = nil) -> Origin {
        let home = region ?? park.flatMap { parks[$0]?.region }
        let point = near ?? (region == nil ? park.flatMap { parks[$0]?.location } : nil) ?? home.flatMap(point(of:))
        guard let point else { return Origin(point: nil, reaches: []) }
        let spot = Spot(point)
        var reaches: [(region: String, metres: Double)] = []
        if near == nil, let home, regions[home] != nil { reaches.append((home, 0)) }
        for seat in seats where near != nil || seat.region != home {
            // On the plane it takes no time, and is right to a tenth anywhere in China.
            if let radius, spot.metres(to: seat.spot) > 1.1 * radius { continue }
            let metres = point.metres(to: seat.point)
            reaches.append((seat.region, near == nil ? max(1000, metres) : metres))
        }
        return Origin(point: point, reaches: reaches)
    }

    /// The names of regions and parks, as people write them, always in the same order.
    var phrases: [Phrase] {
        var phrases: [Phrase] = []
        for region in regions.values.sorted(by: { $0.code < $1.code }) {
            let meaning = Meaning.region(region.code)
            for name in Self.forms(of: region.nameZh, endings: ["新区", "市", "县", "区", "省"]) {
                phrases.append(Phrase(name, language: "zh-Hans", meaning: meaning, isLabel: true))
            }
            for name in Self.forms(of: region.nameEn, endings: [" District", " County", " New Area"]) {
                phrases.append(Phrase(name, language: "en", meaning: meaning, isLabel: true))
            }
        }
        for park in parks.values.sorted(by: { $0.id < $1.id }) {
            phrases += park.names.sorted { $0.key < $1.key }.map {
                Phrase($0.value, language: $0.key, meaning: .park(park.id), isLabel: true)
            }
        }
        return phrases
    }

    /// A name, and without the word for what it names.
    private static func forms(of name: String, endings: [String]) -> [String] {
        for ending in endings where name.hasSuffix(ending) && name.count >= ending.count + 2 {
            return [name, String(name.dropLast(ending.count))]
        }
        return [name]
    }
}

extension Language {
    /// The languages to try for a reader, best first; as `catalog.reading_order` in the database.
    var readingOrder: [String] { code == "zh-Hant" ? ["zh-Hant", "zh-Hans", "en"] : [code, "en", "zh-Hans"] }
}
