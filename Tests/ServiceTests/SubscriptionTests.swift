import Access
import Commands
import Intake
import JobQueue
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("Subscriptions", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct SubscriptionTests {
    private static let slug = "pinghu-second-people-hospital"

    private func withServer(
        _ body: (inout CallConversation, TestServer, Pool, ServerObserver) async throws -> Void
    ) async throws {
        let observer = try await TestDatabase.required().observer()
        defer { observer.close() }
        try await TestServer.withDatabase { server, pool in
            var conversation = try await CallConversation(port: server.port)
            try await body(&conversation, server, pool, observer)
        }
    }

    /// Changes one amenity so that nobody else's change is like it.
    private func change(_ slug: String, _ note: String, _ observer: ServerObserver) async throws {
        try await observer.execute("update catalog.amenity set notes = '\(note)' where slug = '\(slug)'")
    }

    private func id(of slug: String, _ observer: ServerObserver) async throws -> String {
        try #require(try await observer.value("select id from catalog.amenity where slug = '\(slug)'"))
    }

    /// The next notification about an object; those of other tests are passed over.
    private func notification(_ object: String, _ conversation: inout CallConversation) async throws -> JSONValue {
        while true {
            let message = try await conversation.receive()
            if message["params"]["id"].plain == object { return message }
            try #require(!message["method"].isNull, "\(message.text)")
        }
    }

    @Test("tell of a change, with a number greater than that of the answer, and not after the end")
    func changes() async throws {
        try await withServer { conversation, _, _, observer in
            let id = try await id(of: Self.slug, observer)
            let opened = try await conversation.result("subscriptions.open", #"{"topics":["amenity.changed"]}"#)
            let (name, seq) = (try #require(opened["sub"].string), try #require(opened["seq"].int))
            try await change(Self.slug, "told", observer)
            let told = try await notification(id, &conversation)
            #expect(told["method"] == "amenity.changed" && told["id"].isNull)
            #expect(told["params"]["sub"].string == name && told["params"]["change"] == "updated")
            #expect(try #require(told["params"]["seq"].int) > seq)
            try await conversation.send(
                #"{"jsonrpc":"2.0","id":1,"method":"subscriptions.close","params":["\#(name)"]}"# + "\n"
            )
            while try await conversation.receive()["result"]["closed"] != true {}
            try await change(Self.slug, "untold", observer)
            let again = try await conversation.result("subscriptions.open", #"{"topics":["amenity.changed"]}"#)
            #expect(again["sub"].string != name)
            try await change(Self.slug, "told again", observer)
            let second = try await notification(id, &conversation)
            #expect(second["params"]["sub"] == again["sub"])
            #expect(try await conversation.error("subscriptions.close", #"["\#(name)"]"#)["code"] == 1001)
        }
    }

    @Test("replay what came since a number, in order and once")
    func replay() async throws {
        try await withServer { conversation, server, _, observer in
            let slugs = try await observer.execute("select slug, id from catalog.amenity order by slug limit 5")
            let opened = try await conversation.result("subscriptions.open", #"{"topics":["amenity.changed"]}"#)
            let since = try #require(opened["seq"].int)
            try await conversation.close()
            for row in slugs { try await change(row[0] ?? "", "replayed", observer) }
            var other = try await CallConversation(port: server.port)
            _ = try await other.result("subscriptions.open", #"{"topics":["amenity.changed"],"since":\#(since)}"#)
            var (told, last): ([String], Int) = ([], since)
            let wanted = Set(slugs.compactMap { $0[1] })
            while Set(told) != wanted {
                let message = try await other.receive()
                let seq = try #require(message["params"]["seq"].int)
                #expect(seq > last)
                last = seq
                let id = message["params"]["id"].plain
                if wanted.contains(id) { told.append(id) }
            }
            #expect(told.count == wanted.count)
        }
    }

    @Test("refuse a number that was never given")
    func future() async throws {
        try await withServer { conversation, _, _, _ in
            let error = try await conversation.error(
                "subscriptions.open",
                #"{"topics":["amenity.changed"],"since":900000000}"#
            )
            #expect(error["data"]["path"] == "/params/since")
        }
    }

    @Test("of requests and feedback are for whoever has the secret, of jobs for those who run the directory")
    func rights() async throws {
        try await withServer { conversation, server, _, _ in
            for (topic, code) in [("job.finished", -32001), ("request.updated", -32001), ("feedback.updated", -32001)] {
                let error = try await conversation.error("subscriptions.open", #"{"topics":["\#(topic)"]}"#)
                #expect(error["code"].int == code && error["data"]["path"] == "/params/topics")
            }
            let receipt = try await conversation.result("requests.submit", #"{"text":"a hospital","park":"jx-jp"}"#)
            let id = try #require(receipt["id"].string)
            let wrong = #"{"topics":["request.updated"],"of":[{"id":"\#(id)","secret":"wrong"}]}"#
            let error = try await conversation.error("subscriptions.open", wrong)
            #expect(error["code"] == 1001 && error["data"]["path"] == "/params/of/0")
            let secret = try #require(receipt["secret"].string)
            let right = #"{"topics":["request.updated"],"of":[{"id":"\#(id)","secret":"\#(secret)"}]}"#
            _ = try await conversation.result("subscriptions.open", right)
            let token = try await TestDatabase.required().token(Grant(role: .admin))
            var admin = try await CallConversation(port: server.port)
            _ = try await admin.result("auth.login", #"["\#(token)"]"#)
            _ = try await admin.result("subscriptions.open", #"{"topics":["job.finished"]}"#)
            try await TestDatabase.required().withPool(configure: { $0.rest(as: .worker) }) { pool in
                _ = try await InlineWorker(pool: pool, handlers: [RequestHandler(pool: pool)]).runDue()
            }
            let told = try await notification(id, &conversation)
            #expect(["answered", "unmet"].contains(told["params"]["status"].string))
            #expect(told["method"] == "request.updated")
            let finished = try await admin.receive()
            #expect(finished["method"] == "job.finished" && finished["params"]["kind"] == "request")
            #expect(finished["params"]["state"] == "done")
        }
    }

    @Test("end with the token that they depend on")
    func revocation() async throws {
        try await withServer { conversation, _, _, observer in
            let database = try TestDatabase.required()
            let token = try await database.token(Grant(role: .analyst), name: "gone")
            _ = try await conversation.result("auth.login", #"["\#(token)"]"#)
            let opened = try await conversation.result("subscriptions.open", #"{"topics":["feedback.updated"]}"#)
            let number = try #require(try await observer.value("select id from access.token where name = 'gone'"))
            _ = try await database.revoke(try #require(Int64(number)))
            var message = try await conversation.receive()
            while message["method"] != "subs.closed" { message = try await conversation.receive() }
            #expect(message["params"]["sub"] == opened["sub"])
        }
    }

    @Test("are bounded on a connection, and gone with it")
    func bounds() async throws {
        try await withServer { conversation, server, _, _ in
            for _ in 0..<server.core.limits.subscriptions {
                _ = try await conversation.result("subscriptions.open", #"{"topics":["amenity.changed"]}"#)
            }
            let error = try await conversation.error("subscriptions.open", #"{"topics":["amenity.changed"]}"#)
            #expect(error["code"] == -32011)
            #expect(server.core.backend.events.isWorking)
            try await conversation.close()
            while server.core.backend.events.isWorking { await Task.yield() }
        }
    }

    @Test("tell all the same when the listener is deaf, or its session is lost")
    func deafness() async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withServicePool { pool in
            try await TestServer.with(pool: pool, listener: database.configuration) { server in
                var conversation = try await CallConversation(port: server.port)
                let id = try await id(of: Self.slug, observer)
                _ = try await conversation.result("subscriptions.open", #"{"topics":["amenity.changed"]}"#)
                let listening = """
                    from pg_stat_activity where datname = current_database() and query ilike 'listen %service_event%'
                    """
                try await observer.wait(for: "exists (select \(listening))")
                try await change(Self.slug, "heard", observer)
                _ = try await notification(id, &conversation)
                try await observer.execute("select pg_terminate_backend(pid) \(listening)")
                try await change(Self.slug, "unheard", observer)
                _ = try await notification(id, &conversation)
            }
        }
    }

    @Test("announce what is not kept any more")
    func gap() async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool(leased: 4) { pool in
                try await observer.execute(
                    """
                    insert into service.event (topic, object, payload)
                    select 'amenity.changed', n::text, jsonb_build_object('id', n) from generate_series(1, 5) n;
                    select service.number_events(100);
                    update service.event set at = now() - interval '2 days' where seq <= 3;
                    """
                )
                _ = try await pool.execute(PruneEvents(age: .seconds(86_400), count: 10), until: .after(.seconds(30)))
                try await TestServer.with(pool: pool) { server in
                    var conversation = try await CallConversation(port: server.port)
                    _ = try await conversation.result(
                        "subscriptions.open",
                        #"{"topics":["amenity.changed"],"since":1}"#
                    )
                    let gap = try await conversation.receive()
                    #expect(gap["method"] == "subs.gap" && gap["params"]["reason"] == "expired")
                    #expect(gap["params"]["from"] == 2 && gap["params"]["to"] == 3)
                    #expect(try await conversation.receive()["params"]["seq"] == 4)
                    #expect(try await conversation.receive()["params"]["seq"] == 5)
                }
            }
        }
    }

    @Test(
        "what is wrong with a subscription is said",
        arguments: [
            (#"{}"#, "/params/topics"), (#"{"topics":[]}"#, "/params/topics"),
            (#"{"topics":["amenity.change"]}"#, "/params/topics/0"),
            (#"{"topics":["amenity.changed"],"since":-1}"#, "/params/since"),
            (#"{"topics":["request.updated"],"of":[{"id":"x","secret":"y"}]}"#, "/params/of/0/id"),
            (
                #"{"topics":["request.updated"],"of":[{"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7"}]}"#,
                "/params/of/0/secret"
            ),
        ]
    )
    func refusals(_ params: String, _ path: String) async throws {
        try await withServer { conversation, _, _, _ in
            let error = try await conversation.error("subscriptions.open", params)
            #expect(error["code"] == -32602 && error["data"]["path"].string == path)
        }
    }
}
