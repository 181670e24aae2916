/// A dictionary of bounded size, which keeps what was used lately.
///
/// New values go with the younger of two generations. When that is full, it becomes the older, and what nobody has asked for
/// since it became the older is dropped; a value that is found there joins the younger.
package struct TwoGenerationCache<Key: Hashable, Value> {
    private struct Generation {
        var values: [Key: (value: Value, size: Int)] = [:]
        var size = 0
    }

    private let generationSize: Int
    private var young = Generation()
    private var old = Generation()

    /// - Parameter size: what all values may take, in the unit of their sizes.
    package init(size: Int) { generationSize = size / 2 }

    /// What the values take now.
    package var size: Int { young.size + old.size }

    package mutating func find(_ key: Key) -> Value? {
        if let found = young.values[key] { return found.value }
        guard let found = old.values.removeValue(forKey: key) else { return nil }
        old.size -= found.size
        insert(found.value, for: key, size: found.size)
        return found.value
    }

    /// Keeps a value, in the place of another of the key; one that would take more than an eighth of a generation is not kept.
    package mutating func insert(_ value: Value, for key: Key, size: Int) {
        guard size <= generationSize / 8 else { return }
        if young.size + size > generationSize {
            old = young
            young = Generation()
        }
        young.size += size - (young.values.updateValue((value, size), forKey: key)?.size ?? 0)
        if let older = old.values.removeValue(forKey: key) { old.size -= older.size }
    }

    package mutating func removeAll() {
        young = Generation()
        old = Generation()
    }
}
