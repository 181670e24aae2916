/// The replies of one batch, gathered in the order of its requests.
final class Batch {
    let style: FrameStyle
    private let limit: Int
    private var replies: [[UInt8]?] = []
    /// Replies still to come, and one for the reading of the batch itself.
    private var outstanding = 1
    private var size = 0

    init(style: FrameStyle, limit: Int) {
        self.style = style
        self.limit = limit
    }

    /// Keeps a place for a reply.
    func reserve() -> Int {
        replies.append(nil)
        outstanding += 1
        return replies.count - 1
    }

    /// Whether a reply of this size still fits.
    func hasRoom(for bytes: Int) -> Bool { size + bytes <= limit }

    /// Fills a place. True when the batch is complete.
    func fill(_ place: Int, with reply: [UInt8]) -> Bool {
        replies[place] = reply
        size += reply.count
        outstanding -= 1
        return outstanding == 0
    }

    /// Every element was read. True when the batch is complete.
    func seal() -> Bool {
        outstanding -= 1
        return outstanding == 0
    }

    /// Writes the replies; nothing where no element asked for one.
    func write(to writer: inout JSONWriter) {
        guard !replies.isEmpty else { return }
        writer.bytes.append(.openBracket)
        for (index, reply) in replies.enumerated() {
            if index > 0 { writer.bytes.append(.comma) }
            writer.raw(reply ?? [])
        }
        writer.bytes.append(.closeBracket)
    }

    var isSilent: Bool { replies.isEmpty }
}
