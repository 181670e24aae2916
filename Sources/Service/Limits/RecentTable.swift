/// A dictionary of bounded size: full, it forgets what was not used for longest.
struct RecentTable<Key: Hashable, Value> {
    private struct Entry {
        var key: Key
        var value: Value
        /// Neighbours by use; -1 at the ends.
        var newer = -1
        var older = -1
    }

    private let limit: Int
    private var places: [Key: Int] = [:]
    private var entries: [Entry] = []
    private var newest = -1
    private var oldest = -1

    init(limit: Int) { self.limit = max(1, limit) }

    var count: Int { entries.count }

    func contains(_ key: Key) -> Bool { places[key] != nil }

    /// Lends a value, made where there is none, and marks it as used.
    mutating func update<Result>(_ key: Key, default make: () -> Value, _ body: (inout Value) -> Result) -> Result {
        var place = places[key] ?? -1
        if place < 0 {
            if entries.count < limit {
                place = entries.count
                entries.append(Entry(key: key, value: make()))
            } else {
                place = oldest
                unlink(place)
                places[entries[place].key] = nil
                entries[place] = Entry(key: key, value: make())
            }
            places[key] = place
            link(place)
        } else if place != newest {
            unlink(place)
            link(place)
        }
        return body(&entries[place].value)
    }

    mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        unlink(place)
        let last = entries.count - 1
        if place != last {
            // The last entry moves into the gap.
            entries[place] = entries[last]
            places[entries[place].key] = place
            let (newer, older) = (entries[place].newer, entries[place].older)
            if newer >= 0 { entries[newer].older = place } else { newest = place }
            if older >= 0 { entries[older].newer = place } else { oldest = place }
        }
        entries.removeLast()
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (entries[place].newer, entries[place].older)
        if newer >= 0 { entries[newer].older = older } else { newest = older }
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
        entries[place].newer = -1
        entries[place].older = -1
    }

    private mutating func link(_ place: Int) {
        entries[place].older = newest
        if newest >= 0 { entries[newest].newer = place }
        newest = place
        if oldest < 0 { oldest = place }
    }
}
