/// Reads comma-separated values (RFC 4180) as their bytes arrive.
///
/// Quotes, doubled quotes, line breaks in quotes, CRLF and LF, a byte order mark and a missing last line break are all
/// understood; blank lines are skipped. What a spreadsheet would silently guess at is an error instead.
package struct CSVParser {
    /// One record and the line, from 1, on which it begins.
    package struct Record: Sendable, Equatable {
        package let line: Int
        package let fields: [String]

        package init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    private enum State {
        case fieldStart
        case unquoted
        case quoted
        /// After a quote in a quoted field: its end, or the first half of a doubled quote.
        case quoteInQuoted
        /// After CR: only LF may follow.
        case carriageReturn
    }

    private var state = State.fieldStart
    private var line = 1
    private var recordLine = 1
    private var quoteLine = 1
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var records: [Record] = []
    /// How much of a byte order mark was seen; `nil` once that is settled.
    private var markBytes: Int? = 0

    /// A field longer than this is a quote that somebody forgot to close.
    private static let longestField = 1 << 20
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    package init() {}

    /// Takes the next bytes and returns the records that they complete.
    package mutating func push(_ bytes: some Sequence<UInt8>) throws(CSVError) -> [Record] {
        for byte in bytes { try take(byte) }
        defer { records = [] }
        return records
    }

    /// Ends the text and returns the last record if it had no line break.
    package mutating func finish() throws(CSVError) -> [Record] {
        if let seen = markBytes {
            markBytes = nil
            if seen < Self.mark.count { for byte in Self.mark[..<seen] { try step(byte) } }
        }
        switch state {
        case .quoted: throw CSVError(line: quoteLine, reason: "the quote that begins here is never closed")
        case .carriageReturn: throw CSVError(line: line, reason: "a carriage return without a line feed")
        case .fieldStart, .unquoted, .quoteInQuoted: try endRecord()
        }
        defer { records = [] }
        return records
    }

    // MARK: Steps

    private mutating func take(_ byte: UInt8) throws(CSVError) {
        guard let seen = markBytes else { return try step(byte) }
        if byte == Self.mark[seen] {
            markBytes = seen + 1 < Self.mark.count ? seen + 1 : nil
            return
        }
        markBytes = nil
        for byte in Self.mark[..<seen] { try step(byte) }
        try step(byte)
    }

    private mutating func step(_ byte: UInt8) throws(CSVError) {
        switch (state, byte) {
        case (.carriageReturn, Self.lineFeed): try endLine()
        case (.carriageReturn, _): throw CSVError(line: line, reason: "a carriage return without a line feed")
        case (.quoted, Self.quote): state = .quoteInQuoted
        case (.quoted, _): try append(byte)
        case (.quoteInQuoted, Self.quote):
            state = .quoted
            try append(byte)
        case (.fieldStart, Self.quote):
            state = .quoted
            quoteLine = line
        case (.unquoted, Self.quote):
            throw CSVError(line: line, reason: "a quote inside a field that does not begin with one")
        case (_, Self.comma): try endField()
        case (_, Self.lineFeed): try endLine()
        case (_, Self.carriageReturn): state = .carriageReturn
        case (.quoteInQuoted, _): throw CSVError(line: line, reason: "something follows the closing quote")
        case (.fieldStart, _), (.unquoted, _):
            state = .unquoted
            try append(byte)
        }
    }

    private mutating func append(_ byte: UInt8) throws(CSVError) {
        guard field.count < Self.longestField else {
            let start = state == .quoted ? quoteLine : line
            throw CSVError(line: start, reason: "a field is longer than 1 MiB; is a closing quote missing?")
        }
        if byte == Self.lineFeed { line += 1 }
        field.append(byte)
    }

    private mutating func endField() throws(CSVError) {
        guard let text = String(validating: field, as: UTF8.self) else {
            throw CSVError(line: recordLine, reason: "field \(fields.count + 1) is not UTF-8")
        }
        fields.append(text)
        field.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    private mutating func endRecord() throws(CSVError) {
        let isBlank = fields.isEmpty && field.isEmpty && state == .fieldStart
        guard !isBlank else { return }
        try endField()
        records.append(Record(line: recordLine, fields: fields))
        fields = []
    }

    private mutating func endLine() throws(CSVError) {
        if state == .carriageReturn { state = field.isEmpty && fields.isEmpty ? .fieldStart : .unquoted }
        try endRecord()
        line += 1
        recordLine = line
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
}

/// Where and why a text is not CSV.
package struct CSVError: Error, Sendable, Equatable {
    /// From 1.
    package let line: Int
    package let reason: String

    package init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }
}
