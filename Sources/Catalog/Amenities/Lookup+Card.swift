import FoundationEssentials
package import Postgres

extension Lookup {
    /// What a card is for.
    package enum CardKind: String, Sendable, CaseIterable {
        /// To show a driver.
        case taxi
        /// To keep among one's contacts.
        case contact
    }

    /// What to show a driver, in Chinese whatever the reader's language, or to keep as a contact.
    package func card(
        of reference: String,
        kind: CardKind,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> JSONText {
        let found = try await run(ListedAmenities(references: [reference]), until: deadline)
        guard let amenity = found.first else { throw .notFound(what: "amenity", id: reference) }
        let address = try await run(AmenityAddress(id: amenity.listing.id), until: deadline)
        let gazetteer = try await self.reference(until: deadline).gazetteer
        let area = gazetteer.regionName(amenity.listing.region, in: .resolve("zh"))
        return AmenityCard(amenity, address, area: area, for: language).json(kind)
    }
}

/// An amenity on a card.
struct AmenityCard {
    let amenity: ListedAmenities.Row
    let address: AmenityAddress.Row?
    /// The region's name in Chinese, for a place without an address.
    let area: String?
    /// The reader's.
    let language: Language
    private let name: KnownNames.Name?
    private let localName: KnownNames.Name?
    private let phone: PhoneNumber?

    init(_ amenity: ListedAmenities.Row, _ address: AmenityAddress.Row?, area: String?, for language: Language) {
        self.amenity = amenity
        self.address = address
        self.area = area
        self.language = language
        name = amenity.listing.names.first(in: NameOrder(for: language), orAny: true)
        localName = amenity.listing.names.first(in: KnownNames.local)
        phone = amenity.phone.flatMap { PhoneNumber(e164: $0) }
    }

    private var chineseName: String { localName?.text ?? name?.text ?? amenity.slug }

    /// What the driver reads.
    var lines: [String] {
        let place = address?.chinese ?? area
        let number = phone.map { "电话：" + $0.national } ?? amenity.phone.map { "电话：" + $0 }
        return ["请送我到：", chineseName] + [place.map { "地址：" + $0 }, number].compactMap { $0 }
    }

    func json(_ kind: Lookup.CardKind) -> JSONText {
        var members: [(String, JSONText)] = [("kind", .string(kind.rawValue)), ("id", .id(amenity.listing.id))]
        if let shown = localName ?? name { members.append(("name_local", .name(shown))) }
        if let name { members.append(("name", .name(name))) }
        members.append(("hint", .string(Self.hints[language.code] ?? Self.hints["en"] ?? "")))
        members.append(("lines", .strings(lines)))
        let addresses = [("zh", address?.chinese), ("en", address?.english)]
        members.append(
            ("address", .object(addresses.compactMap { name, text in text.map { (name, JSONText.string($0)) } }))
        )
        if let kept = amenity.phone { members.append(("phone", PhoneNumber.json(of: kept))) }
        if let location = amenity.listing.location {
            let shifted = Self.point(location.converted(to: .gcj02))
            members.append(("location", .object(("wgs84", Self.point(location)), ("gcj02", shifted))))
        }
        if kind == .contact { members.append(("vcard", .string(vCard))) }
        return .object(members)
    }

    private static func point(_ coordinate: Coordinate) -> JSONText {
        // The sixth decimal is some 10 cm.
        .object(
            ("lat", JSONText("\((coordinate.latitude * 1e6).rounded() / 1e6)")),
            ("lon", JSONText("\((coordinate.longitude * 1e6).rounded() / 1e6)"))
        )
    }

    /// RFC 6350.
    private var vCard: String {
        func escaped(_ text: String) -> String {
            text.replacing("\\", with: "\\\\").replacing(",", with: "\\,").replacing(";", with: "\\;")
                .replacing("\n", with: "\\n")
        }
        var lines = ["BEGIN:VCARD", "VERSION:4.0", "FN:" + escaped(name?.text ?? chineseName)]
        if chineseName != name?.text { lines.append("NICKNAME:" + escaped(chineseName)) }
        if let phone = amenity.phone { lines.append("TEL;VALUE=uri:tel:" + phone) }
        if let place = address?.chinese { lines.append("ADR;LANGUAGE=zh:;;" + escaped(place) + ";;;;") }
        if let location = amenity.listing.location {
            lines.append("GEO:geo:\(location.latitude),\(location.longitude)")
        }
        if let website = address?.website { lines.append("URL:" + website) }
        return (lines + ["END:VCARD", ""]).joined(separator: "\r\n")
    }

    /// Our own words.
    private static let hints = [
        "en": "Show this to the driver.", "zh-Hans": "请给司机看。", "zh-Hant": "請給司機看。", "ja": "運転手に見せてください。",
        "de": "Zeigen Sie dies dem Fahrer.", "nl": "Laat dit aan de chauffeur zien.", "fr": "À montrer au chauffeur.",
        "ko": "기사에게 보여 주세요.",
    ]
}
