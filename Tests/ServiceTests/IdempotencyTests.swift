import Access
import Commands
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("Idempotency keys", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct IdempotencyTests {
    /// Each test's texts and keys are its own, since they share a database.
    private static func params(_ text: String, key: String, more: String = "") -> String {
        #"{"text":"\#(text)","park":"jx-de"\#(more),"_meta":{"idempotency_key":"\#(key)"}}"#
    }

    private func rows(_ text: String) async throws -> String? {
        let observer = try await TestDatabase.required().observer()
        defer { observer.close() }
        return try await observer.value("select count(*) from intake.request where text = '\(text)'")
    }

    @Test("A write sent again is not done again, and has its first answer")
    func replay() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let params = Self.params("once", key: "key-replay-000001")
            let first = try await conversation.result("requests.submit", params)
            #expect(first["_meta"]["replayed"].isNull)
            var other = try await CallConversation(port: server.port)
            let second = try await other.result("requests.submit", params)
            #expect(second["_meta"]["replayed"] == true)
            for name in ["id", "secret", "status"] { #expect(first[name] == second[name]) }
            #expect(try await rows("once") == "1")
            let unkeyed = try await conversation.result("requests.submit", #"{"text":"once","park":"jx-de"}"#)
            #expect(unkeyed["id"] != first["id"])
        }
    }

    @Test("The same params in another form are the same call")
    func forms() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let meta = #""_meta":{"idempotency_key":"key-forms-0000001","request_id":"another"}"#
            let first = try await conversation.result(
                "feedback.submit",
                Self.feedback(#"{"field":"phone","value":"0573-1"}"#, meta)
            )
            for params in [
                Self.feedback(#"{ "value" : "0573-1", "field":"ph\u006fne" }"#, meta),
                #"{"stars":null,\#(meta),"correction":{"field":"phone","value":"0573-1"},"amenity":"\#(Self.amenity)"}"#,
            ] {
                let again = try await conversation.result("feedback.submit", params)
                #expect(again["id"] == first["id"] && again["_meta"]["replayed"] == true)
            }
        }
    }

    private static let amenity = "pinghu-second-people-hospital"

    private static func feedback(_ correction: String, _ meta: String) -> String {
        #"{"amenity":"\#(amenity)","correction":\#(correction),\#(meta)}"#
    }

    @Test("A key used for another call is refused, and nothing is done")
    func mismatch() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            _ = try await conversation.result("requests.submit", Self.params("match", key: "key-mismatch-0001"))
            for (method, params) in [
                ("requests.submit", Self.params("mismatch", key: "key-mismatch-0001")),
                ("requests.submit", Self.params("match", key: "key-mismatch-0001", more: #","lang":"de""#)),
                ("feedback.submit", Self.feedback(#"{"field":"phone","value":"1"}"#, Self.meta("key-mismatch-0001"))),
            ] {
                let error = try await conversation.error(method, params)
                #expect(error["code"] == 1005 && error["data"]["retryable"] == false)
                #expect(error["data"]["path"] == "/params/_meta/idempotency_key")
            }
            #expect(try await rows("mismatch") == "0")
        }
    }

    private static func meta(_ key: String) -> String { #""_meta":{"idempotency_key":"\#(key)"}"# }

    @Test("Fifty at the same time make one row and have one answer")
    func concurrent() async throws {
        try await TestServer.withDatabase(leased: 8) { server, _ in
            let params = Self.params("fifty", key: "key-concurrent-01")
            let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        var conversation = try await CallConversation(port: server.port)
                        return try await conversation.result("requests.submit", params)["id"].string
                    }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(ids.count == 1 && ids.first != .some(nil))
            #expect(try await rows("fifty") == "1")
        }
    }

    @Test("A key whose call still runs at the deadline is in progress, and can be tried again")
    func inProgress() async throws {
        try await TestServer.withDatabase { server, pool in
            let key = IdempotencyKey(
                actor: "anonymous@127.0.0.1",
                text: "key-in-progress-1",
                method: "requests.submit",
                params: []
            )
            var conversation = try await CallConversation(port: server.port)
            let params =
                #"{"text":"slow","park":"jx-de","_meta":{"idempotency_key":"key-in-progress-1","deadline_ms":200}}"#
            try await pool.withTransaction(until: .after(.seconds(60))) { session in
                _ = try await session.execute(ClaimKey(key: key))
                let error = try await conversation.error("requests.submit", params)
                #expect(error["code"] == 1006 && error["data"]["retryable"] == true)
                throw CancellationError()
            } ignoring: {
                $0 is CancellationError
            }
            // The other was rolled back, so that this one is the first.
            let result = try await conversation.result("requests.submit", Self.params("slow", key: "key-in-progress-1"))
            #expect(result["_meta"]["replayed"].isNull)
        }
    }

    @Test("Keys of different callers have nothing to do with each other")
    func callers() async throws {
        try await TestServer.withDatabase { server, _ in
            let token = try await TestDatabase.required().token(Grant(role: .investor))
            var conversation = try await CallConversation(port: server.port)
            let first = try await conversation.result("requests.submit", Self.params("mine", key: "key-callers-00001"))
            _ = try await conversation.result("auth.login", #"["\#(token)"]"#)
            let second = try await conversation.result("requests.submit", Self.params("mine", key: "key-callers-00001"))
            #expect(first["id"] != second["id"])
            let error = try await conversation.error("requests.submit", Self.params("theirs", key: "key-callers-00001"))
            #expect(error["code"] == 1005)
        }
    }

    @Test("A write that fails leaves its key free")
    func failure() async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let wrong = #"{"text":"later","park":"nowhere","_meta":{"idempotency_key":"key-failure-00001"}}"#
            #expect(try await conversation.error("requests.submit", wrong)["data"]["path"] == "/params/park")
            let right = try await conversation.result("requests.submit", Self.params("later", key: "key-failure-00001"))
            #expect(right["_meta"]["replayed"].isNull)
        }
    }

    @Test("An expired key is free again, and the upkeep deletes it")
    func expiry() async throws {
        try await TestServer.withDatabase { server, _ in
            let observer = try await TestDatabase.required().observer()
            defer { observer.close() }
            var conversation = try await CallConversation(port: server.port)
            let params = Self.params("expires", key: "key-expiry-000001")
            let first = try await conversation.result("requests.submit", params)
            let expire = """
                update service.idempotency set expires_at = clock_timestamp() - interval '1 s'
                where answer ->> 'id' = '\(first["id"].string ?? "")'
                """
            try await observer.execute(expire)
            let second = try await conversation.result("requests.submit", params)
            #expect(second["id"] != first["id"])
            let other = try await conversation.result("requests.submit", params)
            #expect(other["id"] == second["id"])
            try await observer.execute(expire.replacing(first["id"].string ?? "", with: second["id"].string ?? ""))
            try await TestDatabase.required().withPool(configure: { $0.rest(as: .worker) }) { pool in
                _ = try await pool.execute(PruneKeys(count: 1000), until: .after(.seconds(30)))
            }
            let expired = "select count(*) from service.idempotency where expires_at <= clock_timestamp()"
            #expect(try await observer.value(expired) == "0")
        }
    }

    @Test(
        "What is no key is refused",
        arguments: ["short", "with a space in it", "schlüssel-schlüssel", "tab\\tinside-of-the-key"]
    )
    func invalid(_ key: String) async throws {
        try await TestServer.withDatabase { server, _ in
            var conversation = try await CallConversation(port: server.port)
            let error = try await conversation.error("requests.submit", Self.params("x", key: key))
            #expect(error["data"]["path"] == "/params/_meta/idempotency_key")
        }
    }

    @Test("A commit whose answer is lost is found out by sending the call again")
    func lostCommit() async throws {
        let database = try TestDatabase.required()
        let proxy = try Proxy(to: database.conninfo)
        defer { proxy.close() }
        try await proxy.database(database).withPool(leased: 2) { pool in
            try await TestServer.with(pool: pool) { server in
                var conversation = try await CallConversation(port: server.port)
                let params = Self.params("lost", key: "key-lost-commit-1")
                _ = try await conversation.result("requests.submit", #"{"text":"warm","park":"jx-de"}"#)
                proxy.set(.swallowReplies, after: "COMMIT\u{0}") { proxy.cut() }
                let error = try await conversation.error("requests.submit", params)
                #expect(error["code"] == -32012)
                #expect(error["data"]["outcome"] == "unknown" && error["data"]["retryable"] == true)
                proxy.set(.forward)
                let result = try await conversation.result("requests.submit", params)
                #expect(result["status"] == "received")
                #expect(try await rows("lost") == "1")
            }
        }
    }
}

extension Pool {
    /// A transaction whose rollback is what the test wants.
    fileprivate func withTransaction(
        until deadline: Deadline,
        _ body: (Session) async throws -> Void,
        ignoring isExpected: (any Error) -> Bool
    ) async throws {
        do {
            try await withTransaction(until: deadline, body)
        } catch  where isExpected(error) {}
    }
}
