import NIOCore
import TestSupport
import Testing

@testable import Commands
@testable import Service

/// Streams of every framing, made by rule and then broken, cut at random. Seconds in `./dev test`, ten minutes in
/// `./dev chaos`.
@Suite("The framer under random input", .serialized, .timeLimit(.minutes(20)))
struct WireFuzzTests {
    private static let limit = 300

    @Test("It never crashes, keeps no more than a message, and finds the same however the stream is cut")
    func splits() throws {
        let drill = Drill("S5")
        var random = SplitMix64.announced("framer fuzz")
        var (streams, bytes, found) = (0, 0, 0)
        let warm = ResidentMemory.bytes
        let end = ContinuousClock.now + .seconds(Drill.size(2, long: 600))
        repeat {
            let framing = Framing.allCases.randomElement(using: &random) ?? .auto
            let isWhole = Bool.random(using: &random)
            var stream: [UInt8] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) { stream += Self.piece(framing, isWhole, &random) }
            if !isWhole { Self.damage(&stream, &random) }
            let uncut = Self.messages(of: [stream], framing)
            let cut = Self.messages(of: Self.parts(of: stream, &random), framing)
            // Broken lines are the one exception: there a value may be taken before the rest of its line is seen.
            if isWhole || framing != .auto {
                #expect(cut == uncut, "\(framing) \(String(decoding: stream, as: UTF8.self).debugDescription)")
            }
            var document = JSONDocument()
            for case .some(let message) in uncut { try? document.scan(ByteBuffer(bytes: message)) }
            streams += 1
            bytes += stream.count
            found += uncut.count
        } while ContinuousClock.now < end
        let growth = (ResidentMemory.bytes - warm) >> 20
        // Alone in its process only when it is long.
        if Drill.isLong { #expect(growth < 32, "grew by \(growth) MiB") }
        #expect(found > streams / 2)
        drill.report(["streams": streams, "bytes": bytes, "messages": found, "MiB grown": growth])
    }

    /// The messages, `nil` for what was refused.
    private static func messages(of parts: [[UInt8]], _ framing: Framing) -> [[UInt8]?] {
        var framer = Framer(limit: limit, framing: framing)
        var messages: [[UInt8]?] = []
        func take(_ frame: Framer.Frame) {
            guard case .message(let bytes, _) = frame else { return messages.append(nil) }
            let blank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
            let text = Array(bytes.readableBytesView.drop(while: blank))
            messages.append(text.reversed().drop(while: blank).reversed())
        }
        for part in parts {
            framer.append(ByteBuffer(bytes: part))
            while let frame = framer.next() { take(frame) }
            #expect(framer.pending.readableBytes <= limit + HeaderBlock.maximumSize)
        }
        while let frame = framer.next() ?? framer.finish() { take(frame) }
        #expect(framer.isEmpty || framer.isOver)
        #expect(framer.received == parts.reduce(0) { $0 + $1.count })
        #expect(framer.consumed == framer.received)
        return messages
    }

    /// A broken stream in the parts that it is sent in.
    static func noise(_ framing: Framing, _ random: inout SplitMix64) -> [ByteBuffer] {
        var stream: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            stream += piece(framing, Bool.random(using: &random), &random)
        }
        damage(&stream, &random)
        return parts(of: stream, &random).map { ByteBuffer(bytes: $0) }
    }

    // MARK: Making

    private static func piece(_ framing: Framing, _ isWhole: Bool, _ random: inout SplitMix64) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw(Bool.random(using: &random) ? "{\"a\":" : "[")
        let isObject = writer.bytes[0] == .openBrace
        if !isWhole, Int.random(in: 0..<8, using: &random) == 0 {
            writer.string(String(repeating: "}", count: 400))
        } else {
            JSONFuzzTests.value(depth: 2, &writer, &random)
        }
        writer.raw(isObject ? "}" : "]")
        let text = writer.bytes
        switch framing {
        case .auto, .newline: return text + (Bool.random(using: &random) ? [0x0A] : [0x0D, 0x0A])
        case .concatenated: return text + (Bool.random(using: &random) ? [] : [0x0A])
        case .jsonSequence: return [0x1E] + text + [0x0A]
        case .contentLength: return Array("Content-Length: \(text.count)\r\n\r\n".utf8) + text
        }
    }

    private static func damage(_ stream: inout [UInt8], _ random: inout SplitMix64) {
        for _ in 0..<Int.random(in: 1...4, using: &random) where !stream.isEmpty {
            let place = Int.random(in: 0..<stream.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: stream.remove(at: place)
            case 1: stream[place] = UInt8.random(in: 0 ... .max, using: &random)
            case 2: stream.insert(contentsOf: Array("Content-Length: 5\r\n\r\n".utf8), at: place)
            default: stream.insert(likely.randomElement(using: &random) ?? 0, at: place)
            }
        }
    }

    private static let likely = Array("{}[]\",:\\\n\r\n \u{1E}0C".utf8)

    private static func parts(of stream: [UInt8], _ random: inout SplitMix64) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let length = Int.random(in: 1...(Bool.random(using: &random) ? 3 : 200), using: &random)
            parts.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return parts
    }
}
