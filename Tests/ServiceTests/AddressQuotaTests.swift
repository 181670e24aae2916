import Access
import Commands
import Synchronization
import TestSupport
import Testing

@testable import Service

@Suite("What an address may try in a time", .timeLimit(.minutes(1)))
struct AddressQuotaTests {
    private static let second: Int64 = 1_000_000_000

    @Test("The same thing counts once, and each until it is old enough")
    func counting() throws {
        let quota = AddressQuota(2, per: .seconds(60), addresses: 8)
        let (one, other) = (try #require(IPAddress("192.0.2.1")), try #require(IPAddress("192.0.2.2")))
        for moment in 0..<3 { quota.count(7, of: one, at: Int64(moment) * Self.second) }
        #expect(quota.wait(one, at: 3 * Self.second) == nil)
        quota.count(8, of: one, at: 10 * Self.second)
        #expect(quota.wait(one, at: 10 * Self.second) == 50_000)
        #expect(quota.wait(one, at: 60 * Self.second - 1) == 1, "rounded up: nobody comes again too early")
        #expect(quota.wait(other, at: 10 * Self.second) == nil)
        #expect(quota.wait(one, at: 60 * Self.second) == nil)
        for mark in 10..<20 { quota.count(mark, of: one, at: 61 * Self.second) }
        #expect(quota.wait(one, at: 61 * Self.second) == 60_000)
        quota.adopt(3)
        #expect(quota.wait(one, at: 61 * Self.second) == nil)
    }

    @Test("What was taken can be given back, once")
    func places() throws {
        let quota = AddressQuota(2, per: .seconds(60), addresses: 8)
        let share = quota.share(of: try #require(IPAddress("192.0.2.1"))) { 0 }
        let first = try share.take()
        _ = try share.take()
        #expect {
            _ = try share.take()
        } throws: {
            ($0 as? CallError)?.code == .quotaExceeded && ($0 as? CallError)?.retryAfterMilliseconds == 60_000
        }
        for _ in 0..<2 { first.giveBack() }
        _ = try share.take()
        #expect(throws: CallError.self) { _ = try share.take() }
    }

    @Test("Who shows one wrong token after another has to wait, on every connection; others have not")
    func wrongTokens() async throws {
        let clock = Clock()
        try await TestServer.with(exempt: [], now: { clock.now }) { server in
            func codes(_ tokens: [String], from address: String = "127.0.0.1") async throws -> [String] {
                var client = try await Client(port: server.port, from: address)
                var codes: [String] = []
                for (index, token) in tokens.enumerated() {
                    let call =
                        index.isMultiple(of: 2)
                        ? #"{"jsonrpc":"2.0","id":1,"method":"auth.login","params":["\#(token)"]}"#
                        : #"{"jsonrpc":"2.0","id":1,"method":"auth.whoami","params":{"_meta":{"token":"\#(token)"}}}"#
                    let error = try JSONValue(parsing: try #require(try await client.ask(call)).utf8)["error"]
                    codes.append(error["code"].plain)
                    if error["data"]["kind"] == "rate_limited" { #expect(error["data"]["retry_after_ms"] == 60_000) }
                }
                return codes
            }
            #expect(try await codes(["a", "a", "a", "b", "c", "d", "a", "e"]) == Array(repeating: "-32001", count: 8))
            #expect(try await codes(["f", "g", "a"]) == Array(repeating: "-32003", count: 3))
            #expect(try await codes(["f", "g"], from: "127.0.0.2") == ["-32001", "-32001"])
            var client = try await Client(port: server.port)
            let stranger = #"{"jsonrpc":"2.0","id":1,"method":"auth.whoami"}"#
            #expect(try await client.ask(stranger)?.contains(#""role":"anonymous""#) == true)
            clock.pass(60 * Self.second)
            #expect(try await codes(["f"]) == ["-32001"])
        }
    }
}

@Suite("What an address may say without a token", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct FeedbackQuotaTests {
    private static func feedback(_ meta: String = "{}", amenity: String = "pinghu-second-people-hospital") -> String {
        #"{"amenity":"\#(amenity)","stars":5,"_meta":\#(meta)}"#
    }

    @Test("Three things an hour; what came to nothing or was sent again doesn't count")
    func anonymous() async throws {
        let database = try TestDatabase.required()
        let token = try await database.token(Grant(role: .investor))
        try await database.withServicePool { pool in
            try await TestServer.with(pool: pool, exempt: []) { server in
                var conversation = try await CallConversation(port: server.port)
                for _ in 0..<4 {
                    let error = try await conversation.error("feedback.submit", Self.feedback(amenity: "no-such-place"))
                    #expect(error["code"] == 1001)
                }
                let keyed = Self.feedback(#"{"idempotency_key":"key-quota-00000001"}"#)
                let first = try await conversation.result("feedback.submit", keyed)
                for _ in 0..<2 { _ = try await conversation.result("feedback.submit", Self.feedback()) }
                let error = try await conversation.error("feedback.submit", Self.feedback())
                #expect(error["code"] == 1009 && error["data"]["kind"] == "quota_exceeded")
                let wait = try #require(error["data"]["retry_after_ms"].int)
                #expect((1...3_600_000).contains(wait))
                let again = try await conversation.result("feedback.submit", keyed)
                #expect(again["id"] == first["id"] && again["_meta"]["replayed"] == true)
                _ = try await conversation.result("feedback.submit", Self.feedback(#"{"token":"\#(token)"}"#))
                _ = try await conversation.result("requests.submit", #"{"text":"a dentist","park":"jx-de"}"#)
            }
        }
    }
}

/// A clock that only a test moves.
private final class Clock: Sendable {
    private let nanoseconds = Mutex<Int64>(0)

    var now: Int64 { nanoseconds.withLock { $0 } }

    func pass(_ time: Int64) { nanoseconds.withLock { $0 += time } }
}
