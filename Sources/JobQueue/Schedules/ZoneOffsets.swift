/// How a zone's wall clock runs ahead of UTC, for as far as it matters: instants in seconds since 1970-01-01 00:00 UTC.
///
/// The database makes it (`zone_offsets.sql`), and everything else about zones is plain arithmetic here. The database,
/// since all worker processes must come to the same due time for the same firing, and so need one set of time zone
/// rules as they need one clock: two hosts' copies, or ICU's inside Foundation, may be of different years. Foundation's
/// `TimeZone` would also bring all of ICU into every worker.
struct ZoneOffsets: Sendable {
    /// A stretch of time through which the wall clock runs evenly.
    struct Span: Sendable {
        /// `nil`: since ever, as far as is known.
        let start: Int?
        /// The first second that is past it; `nil`: for ever.
        var end: Int?
        /// Seconds ahead of UTC.
        let offset: Int
        /// The offset of the span before.
        let offsetBefore: Int
    }

    /// Never empty, in order, without holes.
    private(set) var spans: [Span]

    /// - Parameter changes: from when which offset holds, in order.
    init(offset: Int, changes: [(at: Int, offset: Int)] = []) {
        spans = [Span(start: nil, end: nil, offset: offset, offsetBefore: offset)]
        for change in changes {
            let before = spans[spans.count - 1].offset
            spans[spans.count - 1].end = change.at
            spans.append(Span(start: change.at, end: nil, offset: change.offset, offsetBefore: before))
        }
    }

    /// The index of the span that holds the instant.
    func index(at instant: Int) -> Int {
        spans.lastIndex { $0.start.map { $0 <= instant } ?? true } ?? 0
    }

    func offset(at instant: Int) -> Int { spans[index(at: instant)].offset }
}
