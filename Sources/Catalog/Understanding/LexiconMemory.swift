import Synchronization

/// Remembers the last lexicon, since to make one takes half a second of a processor's time (in a debug build ten times that)
/// and the vocabulary turns its edition more often than its words: with every change of a label's translation or a park.
final class LexiconMemory: Sendable {
    static let shared = LexiconMemory()

    private let last = Mutex<(phrases: [Phrase], lexicon: Lexicon)?>(nil)

    /// The lexicon of phrases: what `Lexicon(phrases)` makes.
    func lexicon(of phrases: [Phrase]) -> Lexicon {
        if let known = last.withLock({ $0?.phrases == phrases ? $0?.lexicon : nil }) { return known }
        let lexicon = Lexicon(phrases)
        last.withLock { $0 = (phrases, lexicon) }
        return lexicon
    }
}
