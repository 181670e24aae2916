import Testing

@testable import Service

@Suite("The writer escapes what it must and no more")
struct JSONWriterTests {
    @Test(
        arguments: [
            ("plain", "plain"), ("a\"b\\c/d", #"a\"b\\c/d"#), ("\u{8}\t\n\u{C}\r", #"\b\t\n\f\r"#),
            ("\0\u{1}\u{1F}", #"\u0000\u0001\u001f"#), ("é中😀", "é中😀"), ("\u{7F}", "\u{7F}"),
            ("\u{2028}\u{2029}\u{2027}", "\\u2028\\u2029\u{2027}"), ("\u{80}\u{9F}\u{A0}", "\\u0080\\u009f\u{A0}"),
            ("", ""),
        ]
    )
    func strings(_ text: String, _ escaped: String) {
        var writer = JSONWriter()
        writer.string(text)
        #expect(writer.bytes == Array("\"\(escaped)\"".utf8))
    }

    @Test("Escapes in foreign JSON what breaks lines or commands terminals, and nothing else")
    func foreignControls() {
        var writer = JSONWriter()
        writer.line(Array("\"a\u{2028}b\u{2029}c\u{9B}d “é” 病院\"".utf8))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #""a\u2028b\u2029c\u009bd “é” 病院""#)
    }

    @Test("JSON of others comes out on one line")
    func oneLine() {
        var writer = JSONWriter()
        writer.line(Array("[{\"a\":\"x\\n\"}, \n {}\r\n]".utf8))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[{\"a\":\"x\\n\"},   {}  ]")
    }

    @Test("Members are separated by commas")
    func members() {
        var writer = JSONWriter()
        writer.raw("{")
        writer.member("a", "1")
        writer.member("left out", nil)
        writer.member("b", ["x", "y"])
        writer.name("c")
        writer.thousandths(1_005)
        writer.raw("}")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":"1","b":["x","y"],"c":1.005}"#)
    }

    @Test(
        "_meta joins the result's own members",
        arguments: [("{}", "{"), ("{ }", "{"), ("{\"a\":1}", "{\"a\":1,"), ("{\"a\":{}}\n ", "{\"a\":{},")]
    )
    func splice(_ result: String, _ start: String) {
        var writer = JSONWriter()
        Reply.begin(id: Array("7".utf8), to: &writer)
        writer.raw(result)
        Reply.end(Reply.Meta(requestID: "r", microseconds: 12, next: "n"), to: &writer)
        let expected =
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":" + start
            + "\"_meta\":{\"request_id\":\"r\",\"server_ms\":0.012,\"next\":\"n\"}}}"
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test(
        "Instants are RFC 3339",
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (951_782_400.5, "2000-02-29T00:00:00.500Z"),
            (-0.25, "1969-12-31T23:59:59.750Z"), (4_102_444_799.999, "2099-12-31T23:59:59.999Z"),
        ]
    )
    func instants(_ seconds: Double, _ text: String) { #expect(CivilTime(unixSeconds: seconds).text == text) }
}
