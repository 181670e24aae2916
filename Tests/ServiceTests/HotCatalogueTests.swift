import Access
import NIOCore
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Commands
@testable import Service

/// One after the other, since each would hear what the others change.
@Suite("Answers of the catalogue from memory", .needsServer, .seededDatabase, .serialized, .timeLimit(.minutes(3)))
struct HotCatalogueTests {
    private static let slug = "pinghu-second-people-hospital"

    private static let calls = [
        ("parks.list", "{}"), ("parks.get", #"{"park":"jx-jp","_meta":{"lang":"ja"}}"#),
        ("taxonomy.list", #"{"_meta":{"lang":"ko"}}"#),
        ("amenities.search", #"{"park":"jx-jp","q":"病院","limit":2,"facets":["category"],"count":true}"#),
        ("amenities.get", #"["\#(slug)"]"#), ("amenities.suggest", #"{"prefix":"hosp"}"#),
        ("amenities.card", #"{"id":"\#(slug)","kind":"contact","_meta":{"lang":"de"}}"#),
        ("amenities.compare", #"{"ids":["\#(slug)","pinghu-first-people-hospital"],"park":"jx-jp"}"#),
    ]

    /// Lends a server that hears what changes.
    ///
    /// - Parameters:
    ///   - reached: how its listener reaches the database; as its pool does unless given.
    ///   - clock: the server's time, which stands unless the test moves it.
    private func withServer(
        reached: TestDatabase? = nil,
        clock: Clock = Clock(),
        _ body: (inout Client, HotAnswers, ServerObserver) async throws -> Void
    ) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        let hot = HotAnswers(bytes: 8 << 20)
        try await database.withServicePool { pool in
            let listener = (reached ?? database).configuration
            try await TestServer.with(pool: pool, listener: listener, hot: hot, now: { clock.now }) { server in
                while !hot.isTrusted(at: clock.now) { await Task.yield() }
                var client = try await Client(port: server.port)
                try await body(&client, hot, observer)
            }
        }
    }

    private final class Clock: Sendable {
        private let nanoseconds = Atomic(Int64(0))

        var now: Int64 { nanoseconds.load(ordering: .acquiring) }

        func pass(_ seconds: Int64) { nanoseconds.add(seconds * 1_000_000_000, ordering: .acquiringAndReleasing) }
    }

    private func ask(_ method: String, _ params: String, _ client: inout Client) async throws -> String {
        try #require(try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#))
    }

    /// A reply without what has to differ.
    private func body(_ reply: String) -> String {
        reply.replacing(#/"request_id":"[^"]*","server_ms":[0-9.]+/#, with: "")
    }

    private func hits(_ hot: HotAnswers) async -> Int { await count(hot, #"hot_answers_total{outcome="hit"}"#) }

    private func count(_ hot: HotAnswers, _ name: String) async -> Int {
        let line = await hot.text().split(separator: "\n").first { $0.hasPrefix("amenity_" + name + " ") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
    }

    /// Waits until all that was kept is forgotten.
    private func awaitNews(_ hot: HotAnswers) async { while hot.bytes > 0 { await Task.yield() } }

    @Test("are byte for byte those that are made anew", arguments: calls.indices)
    func same(_ index: Int) async throws {
        let (method, params) = Self.calls[index]
        try await withServer { client, hot, _ in
            let made = try await ask(method, params, &client)
            #expect(made.contains(#""result":{"#), "\(made)")
            #expect(await hits(hot) == 0)
            let given = try await ask(method, params, &client)
            #expect(body(given) == body(made))
            #expect(await hits(hot) == 1)
            #expect(given.hasSuffix("}}}\n") && !given.dropLast().contains("\n"))
        }
    }

    @Test("show a change as soon as it is heard of")
    func change() async throws {
        try await withServer { client, hot, observer in
            for note in ["first", "second"] {
                _ = try await ask("amenities.get", #"["\#(Self.slug)"]"#, &client)
                try await observer.execute("update catalog.amenity set notes = '\(note)' where slug = '\(Self.slug)'")
                await awaitNews(hot)
                for _ in 0..<2 {
                    let reply = try await ask("amenities.get", #"["\#(Self.slug)"]"#, &client)
                    #expect(reply.contains(#""notes":"\#(note)""#))
                }
            }
            // One after each change, and that before the second.
            #expect(await hits(hot) == 3)
        }
    }

    @Test("show a change to whoever asks on and on, soon after its commit")
    func news() async throws {
        let drill = Drill("H1")
        try await withServer { client, hot, observer in
            var waits = LatencyHistogram()
            for round in 0..<Drill.rounds(5, long: 1000) {
                for _ in 0..<2 { _ = try await ask("amenities.get", #"["\#(Self.slug)"]"#, &client) }
                try await observer.execute(
                    "update catalog.amenity set notes = 'news \(round)' where slug = '\(Self.slug)'"
                )
                let start = ContinuousClock.now
                while try await !ask("amenities.get", #"["\#(Self.slug)"]"#, &client).contains("\"news \(round)\"") {
                    try Task.checkCancellation()
                }
                waits.add(start.duration(to: .now).nanoseconds)
            }
            #expect(await hits(hot) > 0)
            drill.report(["changes": waits.count, "ms until shown at p50, p99 and most": waits.milliseconds])
        }
    }

    /// Each changes what one of the calls answers.
    @Test(
        "are forgotten whatever of the catalogue changes",
        arguments: [
            "update catalog.amenity_name set origin = origin where name = '嘉兴市第二医院'",
            "update catalog.calendar_day set name_en = name_en", "truncate catalog.field_check",
            "update catalog.listing set slug = slug",
            "update catalog.park set level = level", "update catalog.region set parent = parent",
            "update catalog.search_name set name = name", "update catalog.source set title = title",
            "update catalog.opening_hours set expression = expression", "update catalog.accreditation set note = note",
            "update catalog.language_offer set level = level", "update catalog.field_check set method = method",
            "insert into catalog.search_word values ('unheard-of') on conflict do nothing",
        ]
    )
    func anything(_ script: String) async throws {
        try await withServer { client, hot, observer in
            _ = try await ask("parks.list", "{}", &client)
            #expect(hot.bytes > 0)
            try await observer.execute(script)
            await awaitNews(hot)
        }
    }

    @Test("never keep a word that has changed, though words are kept in memory for some time")
    func words() async throws {
        try await withServer { client, hot, observer in
            for label in ["Spital", "Krankenanstalt"] {
                _ = try await ask("amenities.search", #"{"park":"jx-jp","_meta":{"lang":"de"}}"#, &client)
                try await observer.execute(
                    "update catalog.term set labels = labels || '{\"de\": \"\(label)\"}' where code = 'health.hospital'"
                )
                await awaitNews(hot)
                let reply = try await ask("amenities.search", #"{"park":"jx-jp","_meta":{"lang":"de"}}"#, &client)
                #expect(reply.contains(#""category_label":"\#(label)""#), "\(reply.prefix(900))")
            }
        }
    }

    @Test("are for whoever has a token too, once that is known, and not for one that is revoked")
    func tokens() async throws {
        try await withServer { client, hot, observer in
            let database = try TestDatabase.required()
            let token = try await database.token(Grant(role: .analyst), name: "hot")
            let params = #"{"_meta":{"token":"\#(token)"}}"#
            _ = try await ask("parks.list", "{}", &client)
            _ = try await ask("parks.list", params, &client)
            #expect(await hits(hot) == 0, "who it is was not known yet")
            let given = try await ask("parks.list", params, &client)
            #expect(await hits(hot) == 1 && given.contains("jx-jp"))
            let id = try #require(try await observer.value("select id from access.token where name = 'hot'"))
            _ = try await database.revoke(try #require(Int64(id)))
            var reply = try await ask("parks.list", params, &client)
            // Within a second.
            while reply.contains(#""result""#) { reply = try await ask("parks.list", params, &client) }
            #expect(reply.contains(#""code":-32001"#))
        }
    }

    @Test("are not given while the listener's connection is lost, and again when it is back")
    func loss() async throws {
        let proxy = try Proxy(to: TestDatabase.required().conninfo)
        defer { proxy.close() }
        let clock = Clock()
        try await withServer(reached: proxy.database(try TestDatabase.required()), clock: clock) {
            client,
            hot,
            observer in
            _ = try await ask("amenities.get", #"["\#(Self.slug)"]"#, &client)
            proxy.refuse(true)
            proxy.cut()
            while hot.isTrusted(at: clock.now) { await Task.yield() }
            for note in ["while deaf", "still deaf"] {
                try await observer.execute("update catalog.amenity set notes = '\(note)' where slug = '\(Self.slug)'")
                let reply = try await ask("amenities.get", #"["\#(Self.slug)"]"#, &client)
                #expect(reply.contains(#""notes":"\#(note)""#))
            }
            #expect(await hits(hot) == 0)
            proxy.refuse(false)
            while !hot.isTrusted(at: clock.now) { await Task.yield() }
            for _ in 0..<2 { _ = try await ask("amenities.get", #"["\#(Self.slug)"]"#, &client) }
            #expect(await hits(hot) == 1)
        }
    }

    @Test("are not given over a connection that is dead and shows no sign of it")
    func deafness() async throws {
        let proxy = try Proxy(to: TestDatabase.required().conninfo)
        defer { proxy.close() }
        let clock = Clock()
        try await withServer(reached: proxy.database(try TestDatabase.required()), clock: clock) {
            client,
            hot,
            observer in
            _ = try await ask("amenities.get", #"["\#(Self.slug)"]"#, &client)
            proxy.set(.swallowReplies)
            try await observer.execute("update catalog.amenity set notes = 'unheard' where slug = '\(Self.slug)'")
            clock.pass(11)
            #expect(!hot.isTrusted(at: clock.now))
            let reply = try await ask("amenities.get", #"["\#(Self.slug)"]"#, &client)
            #expect(reply.contains(#""notes":"unheard""#))
        }
    }
}
