import Commands
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test(
        "a text comes out as it went in, members in order and numbers with their digits",
        arguments: [
            "null", "true", "[]", "{}", #""""#, "0", "-0.0", "1e400", "12345678901234567890123",
            #"{"b":1,"a":[1.50,-2e-3,"x"],"b":null}"#, #""病院 é 🏥""#, #""\"\\\n\r\t\u0001\u2028""#,
            #"[[[[]]]]"#,
        ]
    )
    func roundTrip(text: String) throws {
        #expect(try JSONValue(parsing: text.utf8).text == text)
    }

    @Test("escapes are decoded, surrogate pairs among them")
    func escapes() throws {
        #expect(try JSONValue(parsing: #"  "\u00e9\ud83c\udfe5\/\b"  "#.utf8) == "é🏥/\u{08}")
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "nul", "[1,]", #"{"a":1,}"#, #"{a:1}"#, "01", "1.", ".5", "+1", "1e", "--1", "\"a", "\"\n\"",
            #""\x""#, #""\ud83c""#, #""\udfe5""#, #""\u12g4""#, "1 2", "[1", #"{"a"}"#, "NaN", "'a'",
            String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
        ]
    )
    func malformed(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
    }

    @Test("bytes that are no UTF-8 are refused")
    func encoding() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test("a value for people has a line for each member")
    func pretty() {
        let value: JSONValue = ["a": [1, 2], "b": [:], "c": []]
        #expect(value.prettyText == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}")
    }
}
