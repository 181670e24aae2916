import NIOCore

/// Finds the end of a JSON value by its brackets, however its bytes come.
///
/// It knows of strings and escapes: a scanner that counts brackets alone loses its place at the first `}` in a string, as
/// deployed servers do. It refuses what no JSON text can hold where going on would swallow the messages behind it.
struct BracketScanner {
    enum Verdict: Equatable {
        /// Nothing but white space so far.
        case blank
        /// The value goes on.
        case open
        /// The value ends before this offset.
        case closed(Int)
        /// What stands at this offset can't be part of a JSON object or array.
        case broken(Int)
    }

    private enum Place {
        case outside
        /// In a container, where a value, a name, a comma or a bracket may stand.
        case inside
        /// Behind `{`, where only a name or `}` may stand.
        case behindBrace
        case string
        case escape
    }

    private(set) var verdict = Verdict.blank
    /// Bytes looked at.
    private var position = 0
    private var place = Place.outside
    /// The kinds of the open containers, the innermost lowest: 1 for an object.
    private var kinds: UInt64 = 0
    private var depth = 0

    /// Looks at the bytes that have come since; the view begins with the value's first byte each time.
    mutating func advance(over view: ByteBufferView) -> Verdict {
        guard verdict == .blank || verdict == .open else { return verdict }
        while position < view.count {
            let byte = view[view.startIndex + position]
            if let end = step(byte) {
                verdict = end
                return end
            }
            position += 1
        }
        return verdict
    }

    private mutating func step(_ byte: UInt8) -> Verdict? {
        switch place {
        case .string:
            switch byte {
            case .quote: place = .inside
            case .backslash: place = .escape
            // A string can't hold one: it ends a line whose string was never closed.
            case .lineFeed: return .broken(position)
            default: break
            }
        case .escape: place = .string
        case .outside, .inside, .behindBrace: return structure(byte)
        }
        return nil
    }

    private mutating func structure(_ byte: UInt8) -> Verdict? {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D: return nil
        case .openBrace, .openBracket:
            guard place != .behindBrace, depth < JSONScanner.maximumDepth else { return .broken(position) }
            depth += 1
            kinds = kinds << 1 | (byte == .openBrace ? 1 : 0)
            place = byte == .openBrace ? .behindBrace : .inside
            verdict = .open
        case .closeBrace, .closeBracket:
            guard depth > 0, kinds & 1 == (byte == .closeBrace ? 1 : 0) else { return .broken(position) }
            depth -= 1
            kinds >>= 1
            place = .inside
            if depth == 0 { return .closed(position + 1) }
        case .quote where place != .outside: place = .string
        default: if place != .inside { return .broken(position) }
        }
        return nil
    }
}
