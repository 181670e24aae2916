import NIOCore
import Testing

@testable import Service

@Suite("Parameters are checked, and errors say where and what")
struct ParameterTests {
    @Test("What is wrong with a search", arguments: Self.searches)
    func search(_ params: String, _ path: String, _ expected: String) throws {
        let error = try #require(refusal(of: params, SearchAmenities.parameters))
        #expect(error.code == .invalidParams)
        #expect(error.path == path)
        #expect(error.expected?.contains(expected) == true, "\(error.expected ?? "nothing")")
    }

    @Test("Names and positions give the same")
    func positions() throws {
        let named = try arguments(#"{"limit":5,"park":"jx-de","near":null,"categories":["edu"]}"#)
        let placed = try arguments(#"["jx-de",null,null,null,["edu"],null,null,null,null,null,null,null,5]"#)
        for arguments in [named, placed] {
            #expect(arguments.text("park") == "jx-de")
            #expect(arguments["near"] == nil)
            #expect(arguments.texts("categories") == ["edu"])
            #expect(arguments.texts("attributes") == [])
            #expect(arguments.integer("limit") == 5)
        }
    }

    @Test("A name nearly right gets a hint")
    func didYouMean() throws {
        #expect(refusal(of: #"{"limt":1}"#, SearchAmenities.parameters)?.hint == "did you mean “limit”?")
        #expect(refusal(of: #"{"catgeories":[]}"#, SearchAmenities.parameters)?.hint == "did you mean “categories”?")
        #expect(refusal(of: #"{"zzz":1}"#, SearchAmenities.parameters)?.hint == nil)
        #expect(MethodTable.release.unknown("amenity.search").hint == "did you mean “amenities.search”?")
        #expect(MethodTable.release.unknown("sytem.ping").hint == "did you mean “system.ping”?")
        #expect(MethodTable.release.unknown("x").hint == nil)
    }

    @Test("What is missing is named")
    func missing() throws {
        let error = try #require(refusal(of: "{}", GetPark.parameters))
        #expect(error.path == "/params/park")
        #expect(error.message == "the parameter “park” is missing")
        #expect(refusal(of: #"{"park":null}"#, GetPark.parameters) != nil)
        #expect(refusal(of: nil, GetPark.parameters) != nil)
    }

    @Test("No more than 64 bytes of a caller's words are repeated")
    func excerpts() throws {
        let long = String(repeating: "中", count: 400)
        let error = try #require(refusal(of: #"{"\#(long)":1}"#, GetPark.parameters))
        #expect(error.message.count(where: { $0 == "中" }) == 20)
        #expect(error.path?.count(where: { $0 == "中" }) == 20)
        #expect(MethodTable.release.unknown(long).message.count(where: { $0 == "中" }) == 20)
        #expect(CallError.excerpt(String(repeating: "a", count: 64)).utf8.count == 64)
        #expect(CallError.excerpt(String(repeating: "a", count: 65)).utf8.count == 64)
    }

    @Test(
        "_meta is checked too",
        arguments: [
            (#"{"_meta":1}"#, "/params/_meta"), (#"{"_meta":{"deadline_ms":0}}"#, "/params/_meta/deadline_ms"),
            (#"{"_meta":{"deadline_ms":60001}}"#, "/params/_meta/deadline_ms"),
            (#"{"_meta":{"lang":7}}"#, "/params/_meta/lang"), (#"{"_meta":{"langs":"de"}}"#, "/params/_meta/langs"),
        ]
    )
    func meta(_ params: String, _ path: String) throws {
        let document = try JSONDocument(ByteBuffer(string: params))
        #expect {
            _ = try RequestMeta(params: JSONDocument.root, in: document)
        } throws: {
            ($0 as? CallError)?.path == path
        }
    }

    @Test(
        "No language is refused, however it is called",
        arguments: ["", "tlh", "x", "日本語", String(repeating: "de-", count: 99)]
    )
    func languages(_ tag: String) throws {
        let document = try JSONDocument(ByteBuffer(string: #"{"_meta":{"lang":"\#(tag)"}}"#))
        #expect(try RequestMeta(params: JSONDocument.root, in: document).language == tag)
    }

    @Test("_meta is no parameter of what stands inside the params")
    func innerMeta() {
        let error = refusal(of: #"{"near":{"lat":1,"lon":2,"_meta":{}}}"#, SearchAmenities.parameters)
        #expect(error == nil)
        #expect(throws: CallError.self) {
            _ = try SearchAmenities(arguments(#"{"near":{"lat":1,"lon":2,"_meta":{}}}"#))
        }
    }

    @Test("A latitude that can only be a longitude is said to be swapped; one that is neither is not")
    func swapped() {
        func hint(_ near: String) -> String? {
            do {
                _ = try SearchAmenities(arguments(#"{"near":\#(near)}"#))
                return nil
            } catch {
                return (error as? CallError)?.hint
            }
        }
        #expect(hint(#"{"lat":120.75,"lon":30.75}"#) == "are lat and lon swapped?")
        #expect(hint(#"{"lat":500,"lon":30.75}"#) == nil)
        #expect(hint(#"{"lat":"120","lon":30.75}"#) == nil)
        #expect(hint(#"{"lat":30.75,"lon":120.75}"#) == nil)
    }

    @Test("A member's name is escaped in a pointer", arguments: [("a/b~c", "a~1b~0c"), ("plain", "plain")])
    func pointers(_ name: String, _ token: String) { #expect(JSONPointer.escape(name) == token) }

    private func arguments(_ params: String) throws -> Arguments {
        let document = try JSONDocument(ByteBuffer(string: params))
        return try Arguments(JSONDocument.root, of: SearchAmenities.parameters, in: document)
    }

    private func refusal(of params: String?, _ parameters: [Parameter]) -> CallError? {
        do {
            let document = try JSONDocument(ByteBuffer(string: params ?? "0"))
            _ = try Arguments(params == nil ? nil : JSONDocument.root, of: parameters, in: document)
            return nil
        } catch {
            return error as? CallError
        }
    }

    private static let searches = [
        (#"{"limit":"5"}"#, "/params/limit", "an integer 1..100"), (#"{"limit":0}"#, "/params/limit", "1..100"),
        (#"{"limit":101}"#, "/params/limit", "1..100"), (#"{"limit":5.5}"#, "/params/limit", "an integer"),
        (#"{"radius_m":0}"#, "/params/radius_m", "1.0..1000000.0"),
        (#"{"radius_m":10000000}"#, "/params/radius_m", "1.0..1000000.0"),
        (#"{"facets":["colour"]}"#, "/params/facets/0", "one of category, attribute, region"),
        (#"{"q":"\#(String(repeating: "a", count: 10_240))"}"#, "/params/q", "at most 2048 bytes"),
        (#"{"park":5}"#, "/params/park", "a string"), (#"{"park":["jx-de"]}"#, "/params/park", "a string"),
        (#"{"q":"a\u0000b"}"#, "/params/q", "U+0000"),
        (#"{"near":"here"}"#, "/params/near", "an object {lat, lon, datum?}"),
        (#"{"categories":"edu"}"#, "/params/categories", "an array"),
        (#"{"categories":["edu",7]}"#, "/params/categories/1", "a string"),
        (#"{"categories":["edu","\u0000"]}"#, "/params/categories/1", "U+0000"),
        (#"{"sort":"best"}"#, "/params/sort", "one of relevance, distance"),
        (#"{"radius_m":1e400}"#, "/params/radius_m", "a number"), (#"{"limt":1}"#, "/params/limt", "park, near"),
        (#"[1]"#, "/params/park", "a string"),
        ("[" + Array(repeating: "null", count: 20).joined(separator: ",") + "]", "/params/19", "at most 19"),
    ]
}
