import FoundationEssentials

/// Where a page of a search ended: the sort key of its last row, tied to the search it belongs to.
struct Cursor: Equatable {
    /// The last row's reach in metres.
    let reach: Double
    /// The last row's id.
    let id: UUID
    /// Of everything that decides which rows come in which order.
    let search: UInt64

    var text: String {
        "\(String(reach.bitPattern, radix: 16))-\(String(search, radix: 16))-\(id.uuidString.lowercased())"
    }

    init(reach: Double, id: UUID, search: UInt64) {
        self.reach = reach
        self.id = id
        self.search = search
    }

    /// Reads a cursor that a caller brings back; `nil` when it is not one.
    init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !text.contains("+"), let pattern = UInt64(parts[0], radix: 16),
            let search = UInt64(parts[1], radix: 16),
            let id = UUID(uuidString: String(parts[2]))
        else { return nil }
        self.init(reach: Double(bitPattern: pattern), id: id, search: search)
        guard reach.isFinite, reach >= 0 else { return nil }
    }
}

extension AmenitySearch {
    /// A fingerprint of the search without its page: FNV-1a over its parts.
    func fingerprint(categories: [String], attributes: [String]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let parts =
            [
                park ?? "", near.map { "\($0.latitude),\($0.longitude),\($0.datum.rawValue)" } ?? "",
                radiusMetres.map { "\($0)" } ?? "", q ?? "", openAt.map { "\($0)" } ?? "",
            ] + categories.sorted() + ["|"] + attributes.sorted()
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
        }
        return hash
    }
}
