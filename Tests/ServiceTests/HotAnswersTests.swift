import Access
import Catalog
import NIOCore
import Postgres
import Testing

@testable import Service

@Suite("Hot answers")
struct HotAnswersTests {
    private static func key(_ name: String, _ params: String, _ language: String = "en") throws -> HotKey {
        let entry = try #require(MethodTable.release.entries.first { $0.name == name })
        let document = try JSONDocument(ByteBuffer(string: params))
        let arguments = try Arguments(JSONDocument.root, of: entry.parameters, in: document)
        return HotKey(entry, .resolve(language), arguments)
    }

    private static func answer(_ text: String) -> Answer { Answer(JSONText(text)) }

    private func claim(_ finding: HotAnswers.Finding) throws -> HotAnswers.Claim {
        guard case .miss(let claim) = finding else { throw Unexpected(finding: "\(finding)") }
        return claim
    }

    private struct Unexpected: Error { let finding: String }

    private func text(_ finding: HotAnswers.Finding) -> String? {
        if case .hit(let answer) = finding { answer.json.text } else { nil }
    }

    private func isClosed(_ finding: HotAnswers.Finding) -> Bool {
        if case .closed = finding { true } else { false }
    }

    @Test("are those to the same method, language and arguments, in whatever order these came")
    func keys() throws {
        let key = try Self.key("amenities.search", #"{"park":"jx-jp","limit":5}"#)
        for same in [#"{"limit":5,"park":"jx-jp"}"#, #"{ "q":null, "park" : "jx-jp", "limit":5, "_meta":{} }"#] {
            #expect(try Self.key("amenities.search", same) == key)
        }
        #expect(try Self.key("parks.get", #"["jx-jp"]"#) == Self.key("parks.get", #"{"park":"jx-jp"}"#))
        let others = [
            try Self.key("amenities.search", #"{"park":"jx-jp","limit":5}"#, "ja"),
            try Self.key("amenities.search", #"{"park":"jx-jp","limit":50}"#),
            try Self.key("amenities.search", #"{"q":"jx-jp","limit":5}"#),
            try Self.key("amenities.search", #"{"park":"jx-jp"}"#),
            try Self.key("amenities.get", #"{"id":"jx-jp"}"#), try Self.key("amenities.card", #"{"id":"jx-jp"}"#),
        ]
        #expect(Set(others + [key]).count == others.count + 1)
    }

    @Test("are given while news are heard, for as long as their claim says")
    func life() throws {
        let hot = HotAnswers(bytes: 1 << 20)
        let key = try Self.key("parks.get", #"["a"]"#)
        #expect(isClosed(hot.find(key, keptFor: .seconds(5), at: 0)))
        hot.trust(hot.connection, until: 100_000_000_000)
        hot.keep(Self.answer("{}"), for: try claim(hot.find(key, keptFor: .seconds(5), at: 0)), at: 0)
        #expect(text(hot.find(key, keptFor: .seconds(5), at: 4_999_999_999)) == "{}")
        let late = try claim(hot.find(key, keptFor: .seconds(5), at: 5_000_000_000))
        hot.keep(Self.answer(#"{"a":1}"#), for: late, at: 99_000_000_000)
        #expect(text(hot.find(key, keptFor: .seconds(5), at: 99_000_000_000)) == #"{"a":1}"#)
        #expect(isClosed(hot.find(key, keptFor: .seconds(5), at: 100_000_000_000)))
    }

    @Test(
        "are forgotten at each news, and one that was asked for before is not kept",
        arguments: HotAnswers.News.allCases
    )
    func news(_ news: HotAnswers.News) throws {
        let hot = HotAnswers(bytes: 1 << 20)
        hot.trust(hot.connection, until: .max)
        let (kept, asked) = (try Self.key("parks.get", #"["a"]"#), try Self.key("parks.get", #"["b"]"#))
        hot.keep(Self.answer("{}"), for: try claim(hot.find(kept, keptFor: .seconds(5), at: 0)), at: 0)
        let old = try claim(hot.find(asked, keptFor: .seconds(5), at: 0))
        hot.forget(news)
        #expect(hot.bytes == 0)
        hot.keep(Self.answer("{}"), for: old, at: 0)
        #expect(text(hot.find(kept, keptFor: .seconds(5), at: 0)) == nil)
        #expect(text(hot.find(asked, keptFor: .seconds(5), at: 0)) == nil)
    }

    @Test("are not given after the connection was lost, whatever was still to be heard of it")
    func loss() throws {
        let hot = HotAnswers(bytes: 1 << 20)
        let key = try Self.key("parks.get", #"["a"]"#)
        let lost = hot.connection
        hot.trust(lost, until: .max)
        let old = try claim(hot.find(key, keptFor: .seconds(5), at: 0))
        hot.lost()
        hot.trust(lost, until: .max)
        #expect(isClosed(hot.find(key, keptFor: .seconds(5), at: 0)))
        hot.trust(hot.connection, until: .max)
        hot.keep(Self.answer("{}"), for: old, at: 0)
        #expect(text(hot.find(key, keptFor: .seconds(5), at: 0)) == nil)
    }

    @Test("take no more than they may; what is asked for often stays, and a very large one never comes")
    func bound() throws {
        let limit = 64 << 10
        let hot = HotAnswers(bytes: limit)
        hot.trust(hot.connection, until: .max)
        let body = #"{"text":"\#(String(repeating: "x", count: 1000))"}"#
        let favourite = try Self.key("parks.get", #"["favourite"]"#)
        hot.keep(Self.answer(body), for: try claim(hot.find(favourite, keptFor: .seconds(5), at: 0)), at: 0)
        for number in 0..<1000 {
            let key = try Self.key("parks.get", #"["\#(number)"]"#)
            hot.keep(Self.answer(body), for: try claim(hot.find(key, keptFor: .seconds(5), at: 0)), at: 0)
            #expect(hot.bytes <= limit)
            #expect(text(hot.find(favourite, keptFor: .seconds(5), at: 0)) == body)
        }
        #expect(hot.bytes > limit / 3)
        let first = try Self.key("parks.get", #"["0"]"#)
        #expect(text(hot.find(first, keptFor: .seconds(5), at: 0)) == nil)
        let large = try Self.key("parks.get", #"["large"]"#)
        let answer = Self.answer(#"{"text":"\#(String(repeating: "x", count: limit / 10))"}"#)
        hot.keep(answer, for: try claim(hot.find(large, keptFor: .seconds(5), at: 0)), at: 0)
        #expect(text(hot.find(large, keptFor: .seconds(5), at: 0)) == nil)
    }

    @Test("are never of methods that depend on who calls, and writes change the catalogue unless they say otherwise")
    func methods() {
        let kept = MethodTable.release.entries.filter { $0.keeps != nil }
        #expect(
            kept.map(\.name) == [
                "parks.list", "parks.get", "taxonomy.list", "amenities.search", "amenities.get", "amenities.suggest",
                "amenities.compare", "amenities.card",
            ]
        )
        for entry in kept { #expect(entry.access.admits(.anonymous) && !entry.changesCatalogue, "\(entry.name)") }
        let gate = Gate()
        #expect(gate.method("test.write", .write).changesCatalogue && !gate.method("test.read").changesCatalogue)
    }
}
