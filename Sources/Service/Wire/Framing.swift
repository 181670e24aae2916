import NIOCore

/// How the messages of a connection are told apart.
package enum Framing: String, CaseIterable, Sendable {
    /// Found out by a connection's first bytes, and for JSON without line ends by its brackets.
    case auto
    /// One message a line: the documented form, and the one to fix behind a proxy.
    case newline
    /// `Content-Length: n`, an empty line, n bytes: as in the Language Server Protocol.
    case contentLength = "content-length"
    /// RS, message, LF: the text sequences of RFC 7464.
    case jsonSequence = "json-seq"
    /// Values one after the other, each as long as its own brackets say; line ends mean nothing.
    case concatenated
}

/// How one message came, and so how its reply goes.
enum FrameStyle: Equatable {
    case lineFeed
    case carriageReturnLineFeed
    /// For a message that nothing ended but its own bracket: a reader that waits for an empty line finds one.
    case emptyLine
    case contentLength
    case jsonSequence
}

/// What a listener takes beside the documented form.
package struct WireOptions: Sendable {
    package var framing: Framing
    /// Whether JSON-RPC 1.0, which has no member `jsonrpc`, is served and answered in its own shape.
    package var servesVersion1: Bool

    package init(framing: Framing = .auto, servesVersion1: Bool = false) {
        self.framing = framing
        self.servesVersion1 = servesVersion1
    }
}

extension JSONWriter {
    /// Appends a value of the request as its source has it, but on one line: a line break outside of strings is white space.
    mutating func echo(_ source: ByteBufferView) {
        guard source.contains(.lineFeed) || source.contains(.carriageReturn) else {
            return bytes.append(contentsOf: source)
        }
        bytes.append(contentsOf: source.lazy.map { $0 == .lineFeed || $0 == .carriageReturn ? 0x20 : $0 })
    }

    /// Makes a frame of the reply that was written from the mark on.
    mutating func frame(from mark: Int, as style: FrameStyle) {
        switch style {
        case .lineFeed: bytes.append(.lineFeed)
        case .carriageReturnLineFeed: raw("\r\n")
        case .emptyLine: raw("\n\n")
        case .contentLength:
            bytes.insert(contentsOf: "Content-Length: \(bytes.count - mark)\r\n\r\n".utf8, at: mark)
        case .jsonSequence:
            bytes.insert(.recordSeparator, at: mark)
            bytes.append(.lineFeed)
        }
    }
}
