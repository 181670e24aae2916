import NIOCore

/// Cuts a stream into lines.
///
/// The form that is documented; others, told apart by a connection's first byte, will stand beside it.
struct LineFramer {
    enum Frame: Equatable {
        /// One message without its end.
        case message(ByteBuffer, Ending)
        /// A line longer than the limit has begun; the rest of it is skipped.
        case tooLong
        /// A browser, or something else that speaks HTTP: it must not be answered, since it may have been tricked into
        /// sending us its user's words.
        case http
    }

    /// How a message ended, and so how its reply does.
    enum Ending: Equatable {
        case lineFeed
        case carriageReturnLineFeed
    }

    private let limit: Int
    private var pending = ByteBuffer()
    /// Bytes of the pending line in which no LF was found.
    private var searched = 0
    private var isSkipping = false
    private var isFirstLine = true
    /// Bytes taken in, and bytes handed out or dropped, since the connection began.
    private(set) var received = 0
    private(set) var consumed = 0

    /// - Parameter limit: The longest line in bytes, its end not counted.
    init(limit: Int) { self.limit = limit }

    /// Whether nothing waits here, not even part of a line.
    var isEmpty: Bool { pending.readableBytes == 0 }

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
            let view = pending.readableBytesView
            let unsearched = view.dropFirst(searched)
            guard let lineFeed = unsearched.firstIndex(of: .lineFeed) else { return starved() }
            let length = lineFeed - view.startIndex
            searched = 0
            consumed += length + 1
            guard !isSkipping else {
                pending.moveReaderIndex(forwardBy: length + 1)
                isSkipping = false
                continue
            }
            guard var line = pending.readSlice(length: length) else { return nil }
            pending.moveReaderIndex(forwardBy: 1)
            if length > limit { return .tooLong }
            let ending = Self.dropCarriageReturn(&line)
            if let frame = frame(of: line, ending) { return frame }
        }
    }

    /// What is left when the client has said its last: a line without an end counts.
    mutating func finish() -> Frame? {
        guard !isSkipping, pending.readableBytes > 0 else { return nil }
        consumed += pending.readableBytes
        let line = pending
        pending = ByteBuffer()
        searched = 0
        return frame(of: line, .lineFeed)
    }

    // MARK: Private

    /// No LF is in sight: remembers that, and gives up a line that is too long already.
    private mutating func starved() -> Frame? {
        searched = pending.readableBytes
        // An idle connection should not hold the memory that its last lines were read into.
        if searched == 0 { pending = ByteBuffer() }
        guard !isSkipping else {
            dropPending()
            return nil
        }
        guard searched > limit else { return nil }
        isSkipping = true
        dropPending()
        return .tooLong
    }

    private mutating func dropPending() {
        consumed += pending.readableBytes
        pending = ByteBuffer()
        searched = 0
    }

    /// The frame of a line; `nil` for a blank one.
    private mutating func frame(of line: ByteBuffer, _ ending: Ending) -> Frame? {
        var line = line
        if isFirstLine {
            isFirstLine = false
            // A byte order mark is no part of JSON, and some clients send one.
            if line.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) { line.moveReaderIndex(forwardBy: 3) }
            if Self.verbs.contains(where: line.readableBytesView.starts) { return .http }
        }
        guard let first = line.readableBytesView.first else { return nil }
        if first == UInt8(ascii: "H"), line.readableBytesView.starts(with: Self.host) { return .http }
        if first <= 0x20, line.readableBytesView.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
        return .message(line, ending)
    }

    private static func dropCarriageReturn(_ line: inout ByteBuffer) -> Ending {
        guard line.readableBytesView.last == .carriageReturn else { return .lineFeed }
        line.moveWriterIndex(to: line.writerIndex - 1)
        return .carriageReturnLineFeed
    }

    private static let verbs = ["GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "PRI "].map { Array($0.utf8) }
    private static let host = Array("Host:".utf8)
}
