import NIOCore
import Testing

@testable import Service

@Suite("Lines are found wherever the stream is cut")
struct LineFramerTests {
    @Test("Two messages, cut at every place")
    func everySplit() {
        let stream = Array("{\"a\":1}\r\n\n  \n[2]\n{\"b\"".utf8)
        let expected: [LineFramer.Frame] = [
            .message(ByteBuffer(string: "{\"a\":1}"), .carriageReturnLineFeed),
            .message(ByteBuffer(string: "[2]"), .lineFeed),
            .message(ByteBuffer(string: "{\"b\""), .lineFeed),
        ]
        for first in 0...stream.count {
            for second in first...stream.count {
                let parts = [stream[..<first], stream[first..<second], stream[second...]]
                #expect(frames(parts.map(Array.init)) == expected, "cut at \(first) and \(second)")
            }
        }
        #expect(frames(stream.map { [$0] }) == expected)
    }

    @Test("A line over the limit is told once and skipped, however it comes", arguments: [1, 3, 7, 100])
    func tooLong(_ step: Int) {
        let stream = Array(("12345678\n" + String(repeating: "x", count: 30) + "\nnext\n").utf8)
        let parts = stride(from: 0, to: stream.count, by: step).map { Array(stream[$0..<min($0 + step, stream.count)]) }
        let expected: [LineFramer.Frame] = [
            .message(ByteBuffer(string: "12345678"), .lineFeed), .tooLong,
            .message(ByteBuffer(string: "next"), .lineFeed),
        ]
        #expect(frames(parts, limit: 8) == expected)
    }

    @Test("The part of a long line is not kept")
    func memory() {
        var framer = LineFramer(limit: 8)
        var told = 0
        for _ in 0..<1000 {
            framer.append(ByteBuffer(repeating: UInt8(ascii: "x"), count: 1000))
            while let frame = framer.next() { if frame == .tooLong { told += 1 } }
            #expect(framer.isEmpty)
        }
        #expect(told == 1)
        #expect(framer.received == 1_000_000)
        #expect(framer.consumed == 1_000_000)
        #expect(framer.finish() == nil)
    }

    @Test(
        "What speaks HTTP is known by its first line, and by Host: in any",
        arguments: ["GET / HTTP/1.1\r\n", "POST /\n", "PRI * HTTP/2.0\r\n", "{}\nHost: x\n"]
    )
    func http(_ text: String) { #expect(frames([Array(text.utf8)]).last == .http) }

    @Test("A byte order mark before the first message is passed over")
    func byteOrderMark() {
        #expect(frames([[0xEF, 0xBB, 0xBF] + Array("{}\n".utf8)]) == [.message(ByteBuffer(string: "{}"), .lineFeed)])
        #expect(frames([Array("\n".utf8)]) == [])
    }

    /// All frames of a stream that comes in these parts and then ends.
    private func frames(_ parts: [[UInt8]], limit: Int = 1000) -> [LineFramer.Frame] {
        var framer = LineFramer(limit: limit)
        var frames: [LineFramer.Frame] = []
        for part in parts {
            framer.append(ByteBuffer(bytes: part))
            while let frame = framer.next() { frames.append(frame) }
        }
        while let frame = framer.finish() { frames.append(frame) }
        return frames
    }
}
