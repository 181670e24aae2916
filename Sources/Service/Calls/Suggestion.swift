import Catalog

/// Did-you-mean.
enum Suggestion {
    /// The candidate that a typing error away from the word, in the words of a hint.
    static func hint(for word: String, among candidates: [String]) -> String? {
        nearest(to: word, among: candidates).map { "did you mean “\($0)”?" }
    }

    /// The nearest candidate, if at most a third of the word has to change.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        // The cost is the product of the lengths, and the word is the caller's.
        guard word.utf8.count <= 64 else { return nil }
        let letters = Array(word.utf8)
        let allowed = max(1, letters.count / 3)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            guard let distance = EditDistance.between(letters, Array(candidate.utf8), limit: allowed) else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }
}
