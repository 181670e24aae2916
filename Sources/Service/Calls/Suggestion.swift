import Catalog

/// Did-you-mean.
enum Suggestion {
    /// The candidate that a typing error away from the word, in the words of a hint.
    static func hint(for word: String, among candidates: [String]) -> String? {
        EditDistance.nearest(to: word, among: candidates).map { "did you mean “\($0)”?" }
    }
}
