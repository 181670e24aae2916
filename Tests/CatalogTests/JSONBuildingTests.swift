import Catalog
import Postgres
import Testing

@Suite("Putting JSON texts together")
struct JSONBuildingTests {
    @Test(
        "escapes what JSON requires and nothing else",
        arguments: [
            ("plain", #""plain""#), (#"a"b\c"#, #""a\"b\\c""#), ("\n\u{1}", #""\u000a\u0001""#), ("病院/🏥", #""病院/🏥""#),
        ]
    )
    func string(value: String, json: String) {
        #expect(JSONText.string(value).text == json)
    }

    @Test("keeps the members' order")
    func object() {
        let json = JSONText.object(("b", .strings(["x", "y"])), ("a", JSONText("1")))
        #expect(json.text == #"{"b":["x","y"],"a":1}"#)
    }
}
