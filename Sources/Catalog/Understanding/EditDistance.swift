/// How many slips of the hand lie between two words.
package enum EditDistance {
    /// The candidate that differs least from a word, if at most a third of it has to change: for a did-you-mean. Of two that
    /// differ as much the first.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        // The cost is the product of the lengths, and the word is the caller's.
        guard word.utf8.count <= 64 else { return nil }
        let letters = Array(word.utf8)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let limit = min(max(1, letters.count / 3), (best?.distance ?? .max) - 1)
            guard let distance = between(letters, Array(candidate.utf8), limit: limit) else { continue }
            best = (candidate, distance)
            if distance == 0 { break }
        }
        return best?.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other (optimal string alignment);
    /// `nil` when they are more than the limit.
    package static func between(_ left: [UInt8], _ right: [UInt8], limit: Int = .max) -> Int? {
        guard abs(left.count - right.count) <= limit else { return nil }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            var least = row + 1
            for (column, other) in right.enumerated() {
                var cost = min(last[column] + (letter == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
                least = min(least, cost)
            }
            // A swap may still reach back over one row, which costs one more than where it began.
            guard least <= limit || (last.min() ?? 0) < limit else { return nil }
            beforeLast = last
            last = current
        }
        return last[right.count] <= limit ? last[right.count] : nil
    }
}
