import NIOCore
import Testing

@testable import Service

@Suite("Messages are found wherever the stream is cut")
struct FramerTests {
    /// A stream and the texts of its messages.
    struct Stream: Sendable, CustomTestStringConvertible {
        let framing: Framing
        let text: String
        let messages: [String]

        var testDescription: String { "\(framing): \(text.debugDescription)" }
    }

    private static let streams = [
        Stream(
            framing: .newline,
            text: "{\"a\":1}\r\n\n  \n[2]\n1]\n{\"b\"",
            messages: ["{\"a\":1}", "[2]", "1]", "{\"b\""]
        ),
        Stream(framing: .newline, text: "{}{}\nContent-Length: 2\n{\n", messages: ["{}{}", "Content-Length: 2", "{"]),
        Stream(framing: .auto, text: " {\"a\":1}\r\n\n[2]\r\n", messages: ["{\"a\":1}", "[2]"]),
        Stream(
            framing: .auto,
            text: "{\"}\":\"\\\"]\\\\\"}[{\"\":[]}] {}",
            messages: ["{\"}\":\"\\\"]\\\\\"}", "[{\"\":[]}]", "{}"]
        ),
        Stream(framing: .auto, text: "{\n \"a\":{\n}\n}\r\n[\n]{\n}", messages: ["{\n \"a\":{\n}\n}", "[\n]", "{\n}"]),
        // A bracket alone on the first line is no message of many lines where JSON doesn't go on so.
        Stream(framing: .auto, text: "{\n{\"a\":1}\n}x\n2\n", messages: ["{\n", "{\"a\":1}", "}x", "2"]),
        Stream(
            framing: .auto,
            text: "content-type: x\r\nCONTENT-length:  3 \r\n\r\n{}\nContent-Length: 0\n\n\r\nContent-Length:1\n\n1",
            messages: ["{}\n", "", "1"]
        ),
        Stream(
            framing: .auto,
            text: "\u{1E}{\n}\n\u{1E}\u{1E}1\n\u{1E}{]\u{1E}[\"",
            messages: ["{\n}", "1", "{]", "[\""]
        ),
        Stream(framing: .contentLength, text: "X: y\nContent-Length: 2\n\n{}", messages: ["{}"]),
        Stream(framing: .jsonSequence, text: "{}\n\u{1E}[\n\n]\r\n", messages: ["{}", "[\n\n]\r"]),
        Stream(framing: .concatenated, text: "{}\n\n[1\n,2][]", messages: ["{}", "[1\n,2]", "[]"]),
        // What was never closed costs the messages behind it up to a line that begins with a bracket.
        Stream(
            framing: .concatenated,
            text: "{\"a:1}\n {}\n{}\n[1}\n[{]}[]\n[]",
            messages: ["{\"a:1}\n", "{}", "{}", "[1}", "[{]", "[]"]
        ),
    ]

    @Test("Messages, cut at every two places", arguments: streams)
    func everySplit(_ stream: Stream) {
        let bytes = Array(stream.text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let parts = [bytes[..<first], bytes[first..<second], bytes[second...]].map(Array.init)
                #expect(texts(frames(parts, stream.framing)) == stream.messages, "cut at \(first) and \(second)")
            }
        }
        #expect(texts(frames(bytes.map { [$0] }, stream.framing)) == stream.messages)
    }

    @Test("A reply is framed as its request was")
    func styles() {
        func styles(_ text: String) -> [FrameStyle] {
            frames([Array(text.utf8)]).map { if case .message(_, let style) = $0 { style } else { .lineFeed } }
        }
        #expect(styles("{}\n[]\r\n") == [.lineFeed, .carriageReturnLineFeed])
        #expect(styles("{}") == [.emptyLine])
        #expect(styles("{}[]") == [.emptyLine, .emptyLine])
        #expect(styles("{\n}\n[\n]") == [.lineFeed, .emptyLine])
        #expect(styles("Content-Length: 2\r\n\r\n{}") == [.contentLength])
        #expect(styles("\u{1E}{}\n") == [.jsonSequence])
        #expect(styles("1") == [.lineFeed])
    }

    @Test("Two values on one line are found when the line is no JSON text")
    func reread() throws {
        var framer = Framer(limit: 100)
        framer.append(ByteBuffer(string: "{}\n{\"a\":1} [2]\n{}}\n3\n"))
        #expect(framer.next() == .message(ByteBuffer(string: "{}"), .lineFeed))
        let line = ByteBuffer(string: "{\"a\":1} [2]")
        #expect(framer.next() == .message(line, .lineFeed))
        let isThere = framer.reread(from: 8, of: line)
        #expect(isThere)
        #expect(framer.next() == .message(ByteBuffer(string: "[2]"), .lineFeed))
        #expect(framer.next() == .message(ByteBuffer(string: "{}"), .emptyLine))
        #expect(framer.next() == .message(ByteBuffer(string: "}"), .lineFeed))
        #expect(framer.next() == .message(ByteBuffer(string: "3"), .lineFeed))
        #expect(framer.consumed == framer.received)
        var other = Framer(limit: 100)
        other.append(ByteBuffer(string: "{}}\n"))
        #expect(other.next() == .message(ByteBuffer(string: "{}}"), .lineFeed))
        let isSecond = other.reread(from: 2, of: ByteBuffer(string: "{}}"))
        #expect(!isSecond, "what follows is no value")
    }

    /// Streams with a message over a limit of 8 and one behind it.
    private static let long: [(Framing, String)] = [
        (.newline, "12345678\r\n" + String(repeating: "x", count: 30) + "\n[9]\n"),
        (.auto, "12345678\n123456789\r\n[9]\n"),
        (.auto, "[1]\n{\"a\":\"" + String(repeating: "}", count: 30) + "\"}\n[9]\n"),
        (.concatenated, "[1]{\"a\":\"" + String(repeating: "}", count: 30) + "\"}\n[9]\n"),
        (.concatenated, "{\n\n\n\n\n\n\n\n\n\n [\n[9]\n"),
        (.jsonSequence, "[1]\n[" + String(repeating: "\n", count: 30) + "]\n \u{1E}[9]\n"),
    ]

    @Test(
        "A message over the limit is told once and skipped, however it comes",
        arguments: long.indices,
        [1, 3, 7, 100]
    )
    func tooLong(_ index: Int, _ step: Int) {
        let (framing, text) = Self.long[index]
        let stream = Array(text.utf8)
        let parts = stride(from: 0, to: stream.count, by: step).map { Array(stream[$0..<min($0 + step, stream.count)]) }
        let found = frames(parts, framing, limit: 8)
        #expect(found.count { $0 == .tooLong } == 1, "\(found)")
        #expect(found.last.flatMap { self.text(of: $0) } == "[9]", "\(found)")
        let first = found.first.flatMap { self.text(of: $0) }
        #expect(index == 4 || first == "12345678" || first == "[1]", "\(found)")
    }

    @Test("A line of exactly the limit is taken, whichever end it has", arguments: ["\n", "\r\n", ""])
    func exactly(_ end: String) {
        let line = "[" + String(repeating: "1", count: 6) + "]"
        for framing in [Framing.auto, .newline] {
            for step in [1, 8, 9, 10] {
                let stream = Array((line + end).utf8)
                let parts = stride(from: 0, to: stream.count, by: step)
                    .map { Array(stream[$0..<min($0 + step, stream.count)]) }
                #expect(texts(frames(parts, framing, limit: 8)) == [line])
                #expect(frames(parts, framing, limit: 7).contains(.tooLong) == true)
            }
        }
    }

    @Test("The part of a long message is not kept", arguments: Framing.allCases)
    func memory(_ framing: Framing) {
        var framer = Framer(limit: 8, framing: framing)
        var told = 0
        for round in 0..<1000 {
            let first = framing == .jsonSequence ? "\u{1E}" : framing == .concatenated ? "[" : "x"
            framer.append(ByteBuffer(string: (round == 0 ? first : "x") + String(repeating: "x", count: 999)))
            while let frame = framer.next() {
                switch frame {
                case .tooLong, .broken: told += 1
                case .message, .foreign: Issue.record("\(frame)")
                }
            }
            #expect(framer.pending.readableBytes <= HeaderBlock.maximumSize)
        }
        #expect(told == 1)
        #expect(framer.received == 1_000_000)
        #expect(framer.consumed == 1_000_000)
        #expect(framer.finish() == nil)
        #expect(framer.isEmpty)
    }

    /// All frames of a stream that comes in these parts and then ends.
    private func frames(_ parts: [[UInt8]], _ framing: Framing = .auto, limit: Int = 1000) -> [Framer.Frame] {
        Framer.frames(of: parts, framing, limit: limit)
    }

    private func texts(_ frames: [Framer.Frame]) -> [String?] { frames.map(text(of:)) }

    private func text(of frame: Framer.Frame) -> String? {
        guard case .message(let bytes, _) = frame else { return nil }
        return String(buffer: bytes).trimmingPrefix(while: \.isWhitespace).description
    }
}

@Suite("Who is not answered, and what can't be followed")
struct FramerRefusalTests {
    private func frames(_ text: String, _ framing: Framing = .auto) -> [Framer.Frame] {
        Framer.frames(of: [Array(text.utf8)], framing, limit: 1000)
    }

    @Test(
        "What speaks HTTP is known by its first bytes, and by Host: in any line",
        arguments: [
            "GET / HTTP/1.1\r\n", "POST /\n", "PRI * HTTP/2.0\r\n", "{}\nHost: x\n{}\n", "{}\nhost:y\n", "PATCH /",
        ]
    )
    func http(_ text: String) {
        #expect(frames(text).last == .foreign(.http))
        #expect(frames(text, .newline).last == .foreign(.http))
        let single = Framer.frames(of: Array(text.utf8).map { [$0] }, .auto, limit: 1000)
        #expect(single.last == .foreign(.http))
    }

    @Test("The other framings know HTTP too, and nothing behind it is looked at", arguments: Framing.allCases)
    func httpElsewhere(_ framing: Framing) {
        #expect(frames("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}\n{}\n", framing) == [.foreign(.http)])
        #expect(frames("\u{16}\u{3}\u{1}\u{2}\0\n{}\n", framing) == [.foreign(.tls)])
    }

    @Test("What only begins like it is a line", arguments: ["GETTING\n", "P\n", "content\n", "\u{16}\n"])
    func almost(_ text: String) {
        #expect(frames(text) == [.message(ByteBuffer(string: String(text.dropLast())), .lineFeed)])
    }

    @Test("A byte order mark before the first message is passed over, once")
    func byteOrderMark() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        for step in [1, 2, 100] {
            let stream = mark + Array("{}\n".utf8)
            let parts = stride(from: 0, to: stream.count, by: step)
                .map { Array(stream[$0..<min($0 + step, stream.count)]) }
            #expect(Framer.frames(of: parts, .newline, limit: 99) == [.message(ByteBuffer(string: "{}"), .lineFeed)])
        }
        let twice = Framer.frames(of: [mark + mark + Array("1\n".utf8)], .newline, limit: 99)
        #expect(twice == [.message(ByteBuffer(bytes: mark + [0x31]), .lineFeed)])
        #expect(frames("\n") == [])
        #expect(Framer.frames(of: [[0xEF]], .auto, limit: 99) == [.message(ByteBuffer(bytes: [0xEF]), .lineFeed)])
    }

    @Test(
        "A header block that does not say its length once, in digits, ends the connection",
        arguments: [
            "Content-Length: x\n\n", "Content-Length: -1\n\n", "Content-Length: 1e2\n\n", "Content-Length: 2 2\n\n",
            "Content-Length:\n\n", "Content-Type: x\n\n", "Content-Length: 2\nContent-Length: 2\n\n{}",
            "Content-Length: 2\n: x\n\n{}", "Content-Length: 2\nno colon\n\n{}",
            "Content-Length: 99999999999999999999\n\n",
            "Content-Type: " + String(repeating: "x", count: 5000) + "\nContent-Length: 2\n\n{}",
            String(repeating: "X: y\n", count: 1000) + "Content-Length: 2\n\n{}",
        ]
    )
    func badHeader(_ text: String) {
        #expect(frames(text, .contentLength) == [.broken(.badHeader)])
        let single = Framer.frames(of: Array(text.utf8).map { [$0] }, .contentLength, limit: 1000)
        #expect(single == [.broken(.badHeader)])
    }

    @Test("A body over the limit is not waited for, and one cut off is told")
    func body() {
        #expect(frames("Content-Length: 1001\n\n{}\n") == [.broken(.tooLong)])
        #expect(frames("Content-Length: 3\n\n{}") == [.broken(.truncated)])
        #expect(frames("Content-Length: 3\n") == [.broken(.truncated)])
        #expect(frames("Content-Le", .contentLength) == [.broken(.truncated)])
        #expect(frames("Content-Length: 2\n\n{}\r\n") == [.message(ByteBuffer(string: "{}"), .contentLength)])
    }
}

extension Framer {
    /// All frames of a stream that comes in these parts and then ends.
    static func frames(of parts: [[UInt8]], _ framing: Framing, limit: Int) -> [Frame] {
        var framer = Framer(limit: limit, framing: framing)
        var frames: [Frame] = []
        for part in parts {
            framer.append(ByteBuffer(bytes: part))
            while let frame = framer.next() { frames.append(frame) }
        }
        while let frame = framer.next() ?? framer.finish() { frames.append(frame) }
        return frames
    }
}
