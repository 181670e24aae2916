import NIOCore

/// Cuts a stream into messages, in the framing that its sender uses or that the listener fixes.
///
/// Nothing past a limit is kept, and where the stream is cut changes no message: only that of two values on one line the
/// first may be answered before the line's end is there.
struct Framer {
    enum Frame: Equatable {
        /// One message without its frame.
        case message(ByteBuffer, FrameStyle)
        /// A message longer than the limit has begun; the rest of it is skipped.
        case tooLong
        /// From here on messages can't be told apart any more: the connection has to end.
        case broken(Breach)
        /// It must not be answered: it may have been tricked into sending us its user's words.
        case foreign(Foreign)
    }

    /// Why a framing can't be followed further.
    enum Breach: Equatable {
        case badHeader
        case tooLong
        /// The stream ended within a message whose length it had told.
        case truncated
    }

    /// Who knocked at the wrong door.
    enum Foreign: Equatable {
        /// A browser, or something else that speaks HTTP.
        case http
        case tls
    }

    enum Mode: Equatable {
        case unknown
        /// A message is a line, or what its bracket ends before the line's end has come.
        case line
        /// As ``line``, but a message may end within a line: the sender has shown that it ends messages so.
        case value
        /// Only brackets end a message.
        case concatenated
        case header(HeaderBlock)
        case record
        /// Nothing more is looked at.
        case over
    }

    /// What a step of a mode came to.
    enum Step {
        case frame(Frame)
        case again
        /// More has to be read first.
        case starved
    }

    /// The longest message in bytes, its frame not counted.
    var limit: Int
    let framing: Framing
    var mode = Mode.unknown
    var pending = ByteBuffer()
    var brackets = BracketScanner()
    /// Bytes of the pending message in which its end was not found.
    var searched = 0
    /// Whether the rest of a message is passed over.
    var isSkipping = false
    /// Whether a message was handed out already.
    var isSettled = false
    /// Bytes taken in, and bytes handed out or dropped, since the connection began.
    private(set) var received = 0
    private(set) var consumed = 0
    /// How the last line was cut off, for ``reread(from:of:)``.
    private var lastCut = 0
    private var isAtStart = true

    init(limit: Int, framing: Framing = .auto) {
        self.limit = limit
        self.framing = framing
    }

    /// Whether nothing waits here, not even part of a message.
    var isEmpty: Bool { pending.readableBytes == 0 && !isInsideHeader }

    /// Whether the connection can't go on.
    var isOver: Bool { mode == .over }

    /// How to answer what has no message of its own.
    var style: FrameStyle {
        switch mode {
        case .header: .contentLength
        case .record: .jsonSequence
        case .unknown, .line, .value, .concatenated, .over: overStyle ?? .lineFeed
        }
    }
    private var overStyle: FrameStyle?

    /// Takes in what was read.
    mutating func append(_ buffer: ByteBuffer) {
        received += buffer.readableBytes
        if pending.readableBytes == 0 {
            pending = buffer
        } else {
            var buffer = buffer
            pending.discardReadBytes()
            pending.writeBuffer(&buffer)
        }
    }

    /// The next frame; `nil` when more has to be read first.
    mutating func next() -> Frame? {
        while true {
            switch step() {
            case .frame(let frame):
                switch frame {
                case .broken, .foreign: stop()
                case .message: isSettled = true
                case .tooLong: break
                }
                return frame
            case .again: continue
            case .starved:
                // An idle connection should not hold the memory that its last messages were read into.
                if pending.readableBytes == 0 { pending = ByteBuffer() }
                return nil
            }
        }
    }

    /// What is left when the client has said its last: a message without an end counts.
    mutating func finish() -> Frame? {
        if mode == .unknown {
            begin(.text)
            if let frame = next() { return frame }
        }
        if case .header = mode, !isEmpty {
            stop()
            return .broken(.truncated)
        }
        guard !isSkipping, mode != .over, pending.readableBytes > 0 else {
            drop(pending.readableBytes)
            return nil
        }
        return frame(of: cut(pending.readableBytes), mode == .record ? .jsonSequence : .lineFeed)
    }

    /// Takes back what follows a value on its line, where another value follows it there. That is looked for only in a
    /// line that is no JSON text, so that other lines cost no look at their brackets.
    ///
    /// - Parameters:
    ///   - offset: where the text should have ended.
    ///   - message: the one that ``next()`` has just given.
    mutating func reread(from offset: Int, of message: ByteBuffer) -> Bool {
        guard framing == .auto, mode == .line,
            let byte = message.getInteger(at: message.readerIndex + offset, as: UInt8.self),
            byte == .openBrace || byte == .openBracket
        else { return false }
        let rest = lastCut - offset
        pending.moveReaderIndex(to: pending.readerIndex - rest)
        consumed -= rest
        mode = .value
        return true
    }

    // MARK: Opening

    private mutating func step() -> Step {
        switch mode {
        case .unknown: open()
        case .line: nextLine()
        case .value: nextValueOrLine()
        case .concatenated: nextValue()
        case .header(let block): nextHeader(block)
        case .record: nextRecord()
        case .over: ignore()
        }
    }

    private mutating func open() -> Step {
        // A byte order mark is no part of JSON, and some clients send one.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if isAtStart {
            let hasMark = pending.readableBytesView.starts(with: mark)
            guard hasMark || !mark.starts(with: pending.readableBytesView) else { return .starved }
            isAtStart = false
            if hasMark { drop(mark.count) }
        }
        drop(pending.readableBytesView.prefix { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }.count)
        guard pending.readableBytes > 0 else { return .starved }
        let opening = Opening(pending.readableBytesView)
        guard opening != .undecided else { return .starved }
        if case .foreign(let foreign) = opening { return .frame(.foreign(foreign)) }
        begin(opening)
        return .again
    }

    private mutating func begin(_ opening: Opening) {
        mode =
            switch framing {
            case .auto where opening == .headers: .header(HeaderBlock())
            case .auto where opening == .records: .record
            case .auto, .newline: .line
            case .contentLength: .header(HeaderBlock())
            case .jsonSequence: .record
            case .concatenated: .concatenated
            }
    }

    private mutating func stop() {
        overStyle = style
        mode = .over
        drop(pending.readableBytes)
    }

    private mutating func ignore() -> Step {
        drop(pending.readableBytes)
        return .starved
    }

    private var isInsideHeader: Bool {
        guard case .header(let block) = mode else { return false }
        return block != HeaderBlock()
    }

    // MARK: Cutting

    /// Takes a message off, and passes over what follows it.
    mutating func cut(_ length: Int, dropping more: Int = 0) -> ByteBuffer {
        guard let message = pending.readSlice(length: length) else {
            preconditionFailure("a message is cut from what is there")
        }
        pending.moveReaderIndex(forwardBy: more)
        consumed += length + more
        lastCut = length + more
        searched = 0
        brackets = BracketScanner()
        return message
    }

    mutating func drop(_ length: Int) {
        guard length > 0 else { return }
        _ = cut(length)
    }

    /// Whether a message of this length is one too long. A CR at its end belongs to the end of the line.
    func isTooLong(_ length: Int) -> Bool {
        length > limit + 1 || length == limit + 1 && pending.readableBytesView[at: length - 1] != .carriageReturn
    }

    /// The frame of a line; `nil` for a blank one.
    func frame(of line: ByteBuffer, _ style: FrameStyle) -> Frame? {
        var (line, style) = (line, style)
        if style == .lineFeed, line.readableBytesView.last == .carriageReturn {
            line.moveWriterIndex(to: line.writerIndex - 1)
            style = .carriageReturnLineFeed
        }
        let view = line.readableBytesView
        guard let first = view.first(where: { !$0.isBlank }) else { return nil }
        if first == UInt8(ascii: "H") || first == UInt8(ascii: "h"), Self.beginsWithHost(view) {
            return .foreign(.http)
        }
        return .message(line, style)
    }

    private static func beginsWithHost(_ view: ByteBufferView) -> Bool {
        // The colon has the bit that tells small letters from capitals too.
        view.prefix(5).map { $0 | 0x20 } == Array("host:".utf8)
    }
}

extension UInt8 {
    /// White space within a line, and its CR.
    var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D }

    var opensContainer: Bool { self == .openBrace || self == .openBracket }

    static let recordSeparator: UInt8 = 0x1E
}

extension ByteBufferView {
    /// The byte at an offset from the start; `nil` beyond the end.
    subscript(at offset: Int) -> UInt8? {
        let index = startIndex + offset
        return indices.contains(index) ? self[index] : nil
    }
}
