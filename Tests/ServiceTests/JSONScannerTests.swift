import NIOCore
import Testing

@testable import Service

@Suite("The scanner takes RFC 8259 and nothing else")
struct JSONScannerTests {
    @Test("Texts that are JSON", arguments: Self.accepted)
    func accepts(_ text: String) throws {
        let document = try JSONDocument(ByteBuffer(string: text))
        #expect(document.after(JSONDocument.root) == document.nodes.count)
    }

    @Test("Texts that are not, and why", arguments: Self.refused)
    func refuses(_ text: String, _ reason: JSONFault.Reason) {
        #expect(fault(ByteBuffer(string: text)) == reason)
    }

    @Test("Bytes that are not UTF-8", arguments: Self.notUTF8)
    func refusesBytes(_ bytes: [UInt8]) {
        #expect(fault(ByteBuffer(bytes: [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])) == .badUTF8)
    }

    @Test("64 levels are taken, 65 are not")
    func depth() {
        func nested(_ depth: Int) -> ByteBuffer {
            ByteBuffer(string: String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        #expect(fault(nested(64)) == nil)
        #expect(fault(nested(65)) == .tooDeep)
        #expect(fault(ByteBuffer(string: String(repeating: "[", count: 100_000))) == .tooDeep)
        #expect(fault(ByteBuffer(string: String(repeating: #"{"a":"#, count: 100_000))) == .tooDeep)
    }

    @Test("Limits of numbers and members")
    func limits() {
        #expect(fault(ByteBuffer(string: String(repeating: "1", count: 64))) == nil)
        #expect(fault(ByteBuffer(string: String(repeating: "1", count: 513))) == .longNumber)
        #expect(fault(ByteBuffer(string: "1e9999")) == nil)
        #expect(fault(ByteBuffer(string: "1e10000")) == .longNumber)
        func object(_ members: Int) -> ByteBuffer {
            ByteBuffer(string: "{" + (0..<members).map { "\"m\($0)\":0" }.joined(separator: ",") + "}")
        }
        #expect(fault(object(1024)) == nil)
        #expect(fault(object(1025)) == .tooManyMembers)
        // The older Foundation trapped on this number.
        #expect(fault(ByteBuffer(string: "1147e0286")) == nil)
    }

    @Test(
        "A repeated member is found by its decoded bytes",
        arguments: [
            (#"{"a":1,"a":2}"#, true), (#"{"a":1,"\u0061":2}"#, true), (#"{"a":{"b":1,"b":2}}"#, true),
            (#"{"a":1,"A":2}"#, false), (#"[{"a":1},{"a":2}]"#, false), (#"{"a":{"a":1}}"#, false),
            // Equal as text, yet other bytes: Swift's String would call them the same.
            ("{\"caf\u{E9}\":1,\"cafe\u{301}\":2}", false),
            ("{" + (0..<20).map { "\"m\($0)\":0" }.joined(separator: ",") + ",\"m7\":1}", true),
            ("{" + (0..<20).map { "\"m\($0)\":0" }.joined(separator: ",") + "}", false),
        ]
    )
    func duplicates(_ text: String, _ repeats: Bool) throws {
        let document = try JSONDocument(ByteBuffer(string: text))
        #expect((document.duplicate(in: JSONDocument.root) != nil) == repeats)
    }

    @Test(
        "Strings are decoded",
        arguments: [
            (#""""#, ""), (#""a\n\"\\\/\b\f\r\t""#, "a\n\"\\/\u{8}\u{C}\r\t"), (#""\u00e9\u4E2d""#, "é中"),
            (#""\uD83D\uDE00!""#, "😀!"), ("\"😀中\u{7F}\"", "😀中\u{7F}"), (#""\u0000""#, "\0"),
        ]
    )
    func strings(_ text: String, _ value: String) throws {
        let document = try JSONDocument(ByteBuffer(string: text))
        #expect(Array(document.string(JSONDocument.root).utf8) == Array(value.utf8))
        #expect(document.string(JSONDocument.root, is: Array(value.utf8)))
        #expect(document.holdsZero(JSONDocument.root) == value.utf8.contains(0))
    }

    @Test(
        "Numbers are read as JSON Schema has them",
        arguments: [
            ("0", 0), ("-0", 0), ("20", 20), ("20.0", 20), ("2e1", 20), ("20.5", nil), ("1e400", nil),
            ("9223372036854775807", .max), ("9223372036854775808", nil), ("1147e0286", nil),
        ] as [(String, Int?)]
    )
    func integers(_ text: String, _ value: Int?) throws {
        let document = try JSONDocument(ByteBuffer(string: text))
        #expect(document.integer(JSONDocument.root) == value)
    }

    @Test("A number too small is zero, one too large is none")
    func extremes() throws {
        #expect(try JSONDocument(ByteBuffer(string: "1e-400")).double(JSONDocument.root) == 0)
        #expect(try JSONDocument(ByteBuffer(string: "1e400")).double(JSONDocument.root) == nil)
    }

    @Test("A scanner remembers nothing of the text before")
    func reuse() throws {
        var document = JSONDocument()
        try document.scan(ByteBuffer(string: #"{"a":1,"a":[1,2,3]}"#))
        #expect(throws: JSONFault.self) { try document.scan(ByteBuffer(string: #"[[[{"a":"#)) }
        try document.scan(ByteBuffer(string: "[1]"))
        #expect(document.nodes.count == 2)
        #expect(document.duplicate(in: JSONDocument.root) == nil)
    }

    private func fault(_ text: ByteBuffer) -> JSONFault.Reason? {
        do throws(JSONFault) {
            _ = try JSONDocument(text)
            return nil
        } catch {
            return error.reason
        }
    }

    static let accepted = [
        "null", "true", "false", "0", "-0", "-1", "1.5", "1e2", "1E+2", "1e-2", "0e1", "0.1e10", "123456789012345678",
        "\"\"", "[]", "{}", "[ ]", "{ }", " [1 , 2 ] ", "\t{\r\"a\"\n:\n1 } ", "[[],[[]],{}]", "[\"\\u0000\"]",
        "[\"\u{2028}\"]", "[\"\u{7F}\"]", "[\"\u{FFFF}\"]", "[\"\u{10FFFF}\"]", "[\"\\uDBFF\\uDFFF\"]",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"a/*b*/c\"]", "{\"\":0}", "{\"a\":[{\"b\":null}]}", "[1,null,\"\",true]",
        "[-123123123123123123123123123123]", "[\"\\uFFFE\"]", "{\"min\":-1.0e+28,\"max\":1.0e+28}",
    ]

    static let refused: [(String, JSONFault.Reason)] = [
        ("", .empty), ("  ", .empty), ("[1,]", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte),
        ("[,1]", .unexpectedByte), ("[1 2]", .unexpectedByte), ("[", .unfinished), ("{", .unfinished),
        ("{\"a\"", .unfinished), ("{\"a\":", .unfinished), ("{\"a\":1", .unfinished), ("[1", .unfinished),
        ("{\"a\" 1}", .unexpectedByte), ("{a:1}", .unexpectedByte), ("{'a':1}", .unexpectedByte),
        ("{1:1}", .unexpectedByte), ("[}", .unexpectedByte), ("{]", .unexpectedByte), ("[1}", .unexpectedByte),
        ("{\"a\":1]", .unexpectedByte), ("]", .unexpectedByte), ("[]]", .trailing), ("{}{}", .trailing),
        ("1 1", .trailing), ("nul", .unfinished), ("nulL", .unexpectedByte), ("True", .unexpectedByte),
        ("tru\0", .unexpectedByte), ("+1", .unexpectedByte), (".5", .unexpectedByte), ("-", .unfinished),
        ("01", .badNumber), ("-01", .badNumber), ("1.", .unfinished), ("[1.]", .badNumber), ("1e", .unfinished),
        ("[1e+]", .badNumber), ("0x1", .trailing), ("[-a]", .badNumber), ("NaN", .unexpectedByte),
        ("Infinity", .unexpectedByte), ("[1e1.5]", .unexpectedByte), ("[--1]", .badNumber),
        ("\"", .unfinished), ("\"a", .unfinished), ("\"\\", .unfinished), ("\"\\u12", .unfinished),
        ("[\"\\x\"]", .badEscape), ("[\"\\u00G0\"]", .badEscape), ("[\"\\U0000\"]", .badEscape),
        ("[\"a\tb\"]", .badString), ("[\"a\nb\"]", .badString), ("[\"\u{1F}\"]", .badString),
        ("[\"\\uD800\"]", .loneSurrogate), ("[\"\\uDC00\"]", .loneSurrogate), ("[\"\\uD800\\n\"]", .loneSurrogate),
        ("[\"\\uD800\\uD800\"]", .loneSurrogate), ("\u{FEFF}1", .unexpectedByte), ("[1]\u{A0}", .trailing),
        ("[1]\u{C}", .trailing), ("/**/1", .unexpectedByte), ("[1]//", .trailing), ("\\u0031", .unexpectedByte),
    ]

    private static let notUTF8: [[UInt8]] = [
        [0x80], [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
        [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xC3, 0x28],
    ]
}
