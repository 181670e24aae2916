import Catalog
import Testing

@Suite("Comma-separated values")
struct CSVParserTests {
    @Test(
        "a well-formed text is read field by field",
        arguments: [
            ("", []),
            ("a,b\n", [["a", "b"]]),
            ("a,b", [["a", "b"]]),
            ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            ("\u{FEFF}a,b\n", [["a", "b"]]),
            ("\u{FEFF}\"a\",b\n", [["a", "b"]]),
            // U+FB00 begins with the byte that a byte order mark begins with.
            ("\u{FB00}\n", [["\u{FB00}"]]),
            ("a,,\n", [["a", "", ""]]),
            (",\n", [["", ""]]),
            ("\"\"\n", [[""]]),
            ("\n\na\n\r\n\nb\n\n", [["a"], ["b"]]),
            ("\"a,b\",\"c\"\"d\"\n", [["a,b", "c\"d"]]),
            ("\"\"\"\"\n", [["\""]]),
            ("\"two\nlines\",x\n", [["two\nlines", "x"]]),
            ("\"two\r\nlines\"\n", [["two\r\nlines"]]),
            ("a, b \n", [["a", " b "]]),
            ("医院,病院\n", [["医院", "病院"]]),
            ("\"a\"", [["a"]]),
            ("a\n\"\"", [["a"], [""]]),
        ] as [(String, [[String]])]
    )
    func wellFormed(text: String, records: [[String]]) throws {
        #expect(try Self.read(text).map(\.fields) == records)
    }

    @Test("the pieces in which a text arrives make no difference")
    func pieces() throws {
        let bytes = Array("\u{FEFF}\"a\"\"b\",医院\r\n\"x\ny\",\r\n\nlast,\"\"".utf8)
        let whole = try Self.read(bytes, piece: bytes.count)
        #expect(whole.map(\.fields) == [["a\"b", "医院"], ["x\ny", ""], ["last", ""]])
        for piece in 1..<bytes.count {
            #expect(try Self.read(bytes, piece: piece) == whole, "pieces of \(piece)")
        }
    }

    @Test("a record knows the line on which it begins, also behind one of several lines")
    func lines() throws {
        #expect(try Self.read("a\n\"b\n\nb\"\n\nc\n").map(\.line) == [1, 2, 6])
    }

    @Test(
        "what a spreadsheet would guess at is an error with its line",
        arguments: [
            ("a\nb\"c\n", 2, "a quote inside"),
            ("a\n\"b\"c\n", 2, "follows the closing quote"),
            ("a\n\"b\nc\n", 2, "never closed"),
            ("a\rb\n", 1, "carriage return"),
            ("a\r", 1, "carriage return"),
            ("a\n\n\"x\" ,y\n", 3, "follows the closing quote"),
        ]
    )
    func malformed(text: String, line: Int, reason: String) {
        let error = #expect(throws: CSVError.self) { try Self.read(text) }
        #expect(error?.line == line)
        #expect(error?.reason.contains(reason) == true)
    }

    @Test("bytes that are no UTF-8 are an error with their line")
    func encoding() {
        let error = #expect(throws: CSVError.self) {
            try Self.read(Array("a\nb,".utf8) + [0xC3, 0x28, 0x0A], piece: 64)
        }
        #expect(error == CSVError(line: 2, reason: "field 2 is not UTF-8"))
    }

    @Test("a quote that is never closed does not eat the memory")
    func endless() {
        let error = #expect(throws: CSVError.self) {
            try Self.read(Array("a\n\"".utf8) + [UInt8](repeating: 0x78, count: 2 << 20), piece: 65536)
        }
        #expect(error?.line == 2)
    }

    private static func read(_ text: String) throws -> [CSVParser.Record] {
        try read(Array(text.utf8), piece: max(1, text.utf8.count))
    }

    private static func read(_ bytes: [UInt8], piece: Int) throws -> [CSVParser.Record] {
        var parser = CSVParser()
        var records: [CSVParser.Record] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            records += try parser.push(bytes[start..<min(start + piece, bytes.count)])
        }
        return try records + parser.finish()
    }
}
