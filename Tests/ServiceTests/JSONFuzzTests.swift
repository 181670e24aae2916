import NIOCore
import TestSupport
import Testing

@testable import Service

@Suite("The scanner under random input")
struct JSONFuzzTests {
    @Test("Texts made by rule are taken, and their values come back")
    func roundTrip() throws {
        var random = SplitMix64.announced("JSON fuzz")
        for _ in 0..<3000 {
            var writer = JSONWriter()
            let text = Self.text(using: &random)
            writer.raw("[")
            writer.string(text)
            writer.raw(",")
            Self.value(depth: 0, &writer, &random)
            writer.raw("]")
            let document = try JSONDocument(ByteBuffer(bytes: writer.bytes))
            #expect(Array(document.string(1).utf8) == Array(text.utf8))
            // Scanning what a value's source bytes say must give the same tape again.
            let again = try JSONDocument(ByteBuffer(document.sourceBytes(2)))
            #expect(again.nodes.map(\.kind) == document.nodes[2...].map(\.kind))
        }
    }

    @Test("Broken texts never crash it, and it says the same twice")
    func mutations() {
        var random = SplitMix64.announced("JSON fuzz")
        var reused = JSONDocument()
        for _ in 0..<10_000 {
            var writer = JSONWriter()
            Self.value(depth: 0, &writer, &random)
            var bytes = writer.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0 ... .max, using: &random)
                default: bytes.insert(Self.likely.randomElement(using: &random) ?? 0, at: place)
                }
            }
            let text = ByteBuffer(bytes: bytes)
            let fresh = Result { () throws(JSONFault) in try JSONDocument(text).nodes.count }
            let again = Result { () throws(JSONFault) in
                try reused.scan(text)
                return reused.nodes.count
            }
            #expect(fresh == again, "\(String(decoding: bytes, as: UTF8.self))")
            // What is taken can be taken apart.
            if case .success = fresh { for index in reused.nodes.indices { _ = reused.sourceBytes(index) } }
        }
    }

    private static let likely = Array("{}[],:\"\\0-e.ntfu\u{7F}é".utf8)

    private static func text(using random: inout SplitMix64) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let limit: UInt32 = Bool.random(using: &random) ? 0x80 : 0x110000
            text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) ?? "\u{2028}")
        }
        return text
    }

    static func value(depth: Int, _ writer: inout JSONWriter, _ random: inout SplitMix64) {
        switch Int.random(in: 0..<(depth < 5 ? 7 : 5), using: &random) {
        case 0: writer.raw("null")
        case 1: writer.boolean(Bool.random(using: &random))
        case 2: writer.integer(Int.random(in: .min ... .max, using: &random))
        case 3: writer.thousandths(Int.random(in: 0...1_000_000, using: &random))
        case 4: writer.string(text(using: &random))
        case 5:
            writer.raw("[")
            for index in 0..<Int.random(in: 0...4, using: &random) {
                if index > 0 { writer.raw(",") }
                value(depth: depth + 1, &writer, &random)
            }
            writer.raw("]")
        default:
            writer.raw("{")
            for index in 0..<Int.random(in: 0...4, using: &random) {
                writer.name("\(index)" + text(using: &random))
                value(depth: depth + 1, &writer, &random)
            }
            writer.raw("}")
        }
    }
}

extension Result where Success: Equatable, Failure: Equatable {
    /// As `init(catching:)`, with the error's type kept.
    init(_ body: () throws(Failure) -> Success) {
        do {
            self = .success(try body())
        } catch {
            self = .failure(error)
        }
    }
}
