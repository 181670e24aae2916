import NIOCore

/// The text sequences of RFC 7464: RS begins a message; LF, which may also stand within one, ends it.
extension Framer {
    mutating func nextRecord() -> Step {
        let view = pending.readableBytesView
        let surplus = view.prefix { $0 == .recordSeparator || $0 == .lineFeed || $0.isBlank }
        guard isSkipping || surplus.isEmpty else {
            drop(surplus.count)
            return .again
        }
        let separator = view.dropFirst(searched).firstIndex(of: .recordSeparator)
        guard !isSkipping else {
            drop((separator ?? view.endIndex) - view.startIndex)
            isSkipping = separator == nil
            return isSkipping ? .starved : .again
        }
        let record = view[..<(separator ?? view.endIndex)]
        let length = Self.end(of: record, brackets.advance(over: record)) ?? separator.map { $0 - view.startIndex }
        guard let length else {
            searched = view.count
            guard view.count > limit else { return .starved }
            isSkipping = true
            drop(view.count)
            return .frame(.tooLong)
        }
        guard length <= limit else {
            isSkipping = true
            drop(length)
            return .frame(.tooLong)
        }
        return .frame(.message(cut(length), .jsonSequence))
    }

    /// How long a record is whose LF has come.
    private static func end(of record: ByteBufferView, _ verdict: BracketScanner.Verdict) -> Int? {
        switch verdict {
        case .blank, .open: nil
        case .closed(let place), .broken(let place):
            record.dropFirst(place).firstIndex(of: .lineFeed).map { $0 - record.startIndex }
        }
    }
}
