import NIOCore

/// What is known of a message from the headers before it.
struct HeaderBlock: Equatable {
    /// Bytes of headers so far.
    var size = 0
    /// What `Content-Length` said.
    var length: Int?
    /// Whether the empty line has come, so that the body is next.
    var isComplete = false

    static let maximumSize = 4096

    /// Takes a line in; false when it is none of a header block.
    mutating func take(_ line: ByteBufferView) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy({ (0x21...0x7E).contains($0) })
        else { return false }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        guard name.lowercased() == "content-length" else { return true }
        let value = line[(colon + 1)...].drop(while: \.isBlank)
        let digits = value.prefix { (.zero ... .nine).contains($0) }
        guard length == nil, !digits.isEmpty, value.dropFirst(digits.count).allSatisfy(\.isBlank),
            let number = Int(String(decoding: digits, as: UTF8.self))
        else { return false }
        length = number
        return true
    }
}

/// Messages that say their length before them.
extension Framer {
    mutating func nextHeader(_ block: HeaderBlock) -> Step {
        var block = block
        if block.isComplete, let length = block.length { return nextBody(length) }
        let view = pending.readableBytesView
        guard let lineFeed = view.dropFirst(searched).firstIndex(of: .lineFeed) else {
            searched = view.count
            return block.size + searched > HeaderBlock.maximumSize ? .frame(.broken(.badHeader)) : .starved
        }
        let length = lineFeed - view.startIndex
        let line = view[..<lineFeed]
        let isEmpty = line.allSatisfy { $0 == .carriageReturn }
        // Some clients end a body with a line end of their own.
        let isSurplus = isEmpty && length < 2 && block.size == 0
        if !isSurplus { block.size += length + 1 }
        guard block.size <= HeaderBlock.maximumSize, isEmpty || block.take(line) else {
            return .frame(.broken(.badHeader))
        }
        drop(length + 1)
        if isEmpty, !isSurplus {
            guard let body = block.length else { return .frame(.broken(.badHeader)) }
            guard body <= limit else { return .frame(.broken(.tooLong)) }
            block.isComplete = true
        }
        mode = .header(block)
        return .again
    }

    private mutating func nextBody(_ length: Int) -> Step {
        guard pending.readableBytes >= length else { return .starved }
        mode = .header(HeaderBlock())
        return .frame(.message(cut(length), .contentLength))
    }
}
