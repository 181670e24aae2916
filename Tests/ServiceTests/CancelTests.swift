import Commands
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("rpc.cancel")
struct CancelTests {
    private static func call(_ id: String, _ method: String, _ params: String = "{}") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"# + "\n"
    }

    private static func table(_ gates: (String, Gate, MethodEffect)...) -> MethodTable {
        MethodTable([MethodEntry(connection: CancelCall.self)] + gates.map { $0.1.method($0.0, $0.2) })
    }

    @Test("A running read is cancelled and its caller told, by a call or a notification", arguments: [true, false])
    func read(_ isCall: Bool) async throws {
        let gate = Gate()
        try await TestServer.with(Self.table(("test.read", gate, .read))) { server in
            var conversation = try await CallConversation(port: server.port)
            try await conversation.send(Self.call(#""a""#, "test.read"))
            try await gate.awaitEntries(1)
            if isCall {
                try await conversation.send(Self.call("2", "rpc.cancel", #"{"id":"a"}"#))
                #expect(try await conversation.receive()["result"]["cancelled"] == true)
            } else {
                try await conversation.send(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":["a"]}"# + "\n")
            }
            let reply = try await conversation.receive()
            #expect(reply["id"] == "a" && reply["error"]["code"] == -32006)
        }
    }

    @Test("A running write is not, nor anything of another id or another connection")
    func others() async throws {
        let (reads, writes) = (Gate(), Gate())
        try await TestServer.with(Self.table(("test.read", reads, .read), ("test.write", writes, .write))) { server in
            var conversation = try await CallConversation(port: server.port)
            try await conversation.send(Self.call("1", "test.read") + Self.call("2", "test.write"))
            try await reads.awaitEntries(1)
            try await writes.awaitEntries(1)
            var stranger = try await CallConversation(port: server.port)
            #expect(try await stranger.result("rpc.cancel", #"{"id":1}"#)["cancelled"] == false)
            for id in ["2", "3", "1.0", "\"1\""] {
                try await conversation.send(Self.call("9", "rpc.cancel", #"{"id":\#(id)}"#))
                #expect(try await conversation.receive()["result"]["cancelled"] == false, "\(id)")
            }
            reads.open()
            writes.open()
            let replies = [try await conversation.receive(), try await conversation.receive()]
            #expect(replies.allSatisfy { !$0["result"].isNull })
        }
    }

    @Test("A call of a batch that waits for its turn does not begin, not even a write")
    func waiting() async throws {
        let (reads, writes) = (Gate(), Gate())
        var limits = ServiceLimits()
        limits.callsInFlight = 1
        let table = Self.table(("test.read", reads, .read), ("test.write", writes, .write))
        try await TestServer.with(table, limits: limits) { server in
            var conversation = try await CallConversation(port: server.port)
            let calls = [
                Self.call("1", "test.read"), Self.call("2", "test.write"), Self.call("3", "rpc.cancel", "[2]"),
            ]
            try await conversation.send("[" + calls.map { $0.dropLast() }.joined(separator: ",") + "]\n")
            try await reads.awaitEntries(1)
            reads.open()
            let replies = try await conversation.receive().elements
            #expect(replies.count == 3)
            #expect(replies.first?["error"].isNull == true)
            #expect(replies.dropFirst().first?["error"]["code"] == -32006)
            #expect(replies.last?["result"]["cancelled"] == true)
            #expect(writes.most == 0)
        }
    }

    @Test("What is no id is refused", arguments: ["{}", "[null]", "[true]", "[{}]", #"{"id":1,"why":2}"#])
    func refusals(_ params: String) async throws {
        try await TestServer.with { server in
            var conversation = try await CallConversation(port: server.port)
            #expect(try await conversation.error("rpc.cancel", params)["code"] == -32602)
        }
    }
}

/// A read that the database takes long over.
struct SleepInDatabase: RemoteMethod {
    static let name = "test.sleep"
    static let summary = ""
    static let result: [Parameter] = []

    struct Sleep: Postgres.Command {
        static let sql = SQL("sleep", "select pg_sleep(600)")
        static let route = Route.leasedRead
    }

    init(_ arguments: Arguments) {}

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            _ = try await context.backend.pool.execute(Sleep(), until: context.deadline)
        } catch {
            throw CallError(error)
        }
        return Answer { $0.raw("{}") }
    }
}

@Suite("Calls in the database", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct DatabaseCallTests {
    private static let table = MethodTable([
        MethodEntry(connection: CancelCall.self), MethodEntry(remote: SleepInDatabase.self),
        MethodEntry(remote: SubmitRequest.self), MethodEntry(remote: SubmitFeedback.self),
    ])

    private func withServer(_ body: (inout CallConversation, ServerObserver) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(leased: 4) { pool in
            try await TestServer.with(Self.table, pool: pool) { server in
                var conversation = try await CallConversation(port: server.port)
                try await body(&conversation, observer)
            }
        }
    }

    private static let isIdle = """
        not exists (select from pg_stat_activity where state = 'active' and query like '%pg_sleep(600)%'
            and pid <> pg_backend_pid() and datname = current_database())
        """

    @Test("A cancelled call ends in the database too")
    func cancel() async throws {
        try await withServer { conversation, observer in
            try await conversation.send(#"{"jsonrpc":"2.0","id":1,"method":"test.sleep"}"# + "\n")
            try await observer.waitUntilRunning("pg_sleep(600)")
            try await conversation.send(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":[1]}"# + "\n")
            #expect(try await conversation.receive()["error"]["code"] == -32006)
            try await observer.wait(for: Self.isIdle)
        }
    }

    @Test("A call past its deadline ends in the database too, and says that nothing was changed")
    func deadline() async throws {
        try await withServer { conversation, observer in
            let error = try await conversation.error("test.sleep", #"{"_meta":{"deadline_ms":100}}"#)
            #expect(error["code"] == -32005 && error["data"]["outcome"].isNull)
            try await observer.wait(for: Self.isIdle)
        }
    }

    @Test("A call that asks for more time than its method allows itself gets no more than that")
    func cap() async throws {
        let table = MethodTable([MethodEntry(remote: Hasty.self)])
        try await TestDatabase.required().withPool { pool in
            try await TestServer.with(table, pool: pool) { server in
                var conversation = try await CallConversation(port: server.port)
                for meta in ["{}", #"{"deadline_ms":60000}"#, #"{"deadline_ms":1500}"#] {
                    let left = try await conversation.result("test.hasty", #"{"_meta":\#(meta)}"#)["ms_left"].int
                    #expect((0...1000).contains(try #require(left)), "\(meta)")
                }
                let least = try await conversation.result("test.hasty", #"{"_meta":{"deadline_ms":900}}"#)
                #expect((0...900).contains(try #require(least["ms_left"].int)))
            }
        }
    }

    /// Tells how long it has left.
    private struct Hasty: RemoteMethod {
        static let name = "test.hasty"
        static let summary = ""
        static let result: [Parameter] = []
        static let patience = Duration.seconds(1)

        init(_ arguments: Arguments) {}

        func run(_ context: CallContext) async throws(CallError) -> Answer {
            Answer { $0.raw(#"{"ms_left":\#(Deadline.now.duration(to: context.deadline).milliseconds)}"#) }
        }
    }

    @Test("A deadline that passes during COMMIT leaves the outcome open, and the key finds it out")
    func commit() async throws {
        try await withServer { conversation, observer in
            try await observer.execute(
                """
                create function stand_at_gate() returns trigger language plpgsql as
                    $$ begin perform pg_advisory_xact_lock(7); return null; end $$;
                create constraint trigger gate after insert on intake.request deferrable initially deferred
                    for each row when (new.text = 'gated') execute function stand_at_gate();
                grant execute on function stand_at_gate() to public;
                select pg_advisory_lock(7);
                """
            )
            let key = #""idempotency_key":"key-of-a-late-commit""#
            let params = #"{"text":"gated","park":"jx-de","_meta":{\#(key),"deadline_ms":2000}}"#
            let error = try await conversation.error("requests.submit", params)
            #expect(error["code"] == -32005)
            #expect(error["data"]["outcome"] == "unknown" && error["data"]["retryable"] == true)
            #expect(error["data"]["hint"].string?.contains("idempotency_key") == true)
            let unkeyed = try await conversation.error(
                "requests.submit",
                #"{"text":"gated","park":"jx-de","_meta":{"deadline_ms":2000}}"#
            )
            #expect(unkeyed["data"]["outcome"] == "unknown" && unkeyed["data"]["retryable"] == false)
            try await observer.execute("select pg_advisory_unlock(7)")
            let result = try await conversation.result(
                "requests.submit",
                #"{"text":"gated","park":"jx-de","_meta":{\#(key)}}"#
            )
            let count = "select count(*) from intake.request where id = '\(result["id"].string ?? "")'"
            #expect(try await observer.value(count) == "1")
        }
    }

    @Test("A write that waits for a row's lock ends at its deadline, having changed nothing, and leaves no lock")
    func lock() async throws {
        try await withServer { conversation, observer in
            let slug = "pinghu-second-people-hospital"
            let other = try await TestDatabase.required().observer()
            defer { other.close() }
            try await other.execute("begin; select from catalog.amenity where slug = '\(slug)' for update")
            let params = #"{"amenity":"\#(slug)","stars":4,"_meta":{"deadline_ms":1000}}"#
            let error = try await conversation.error("feedback.submit", params)
            #expect(error["code"] == -32005 && error["data"]["outcome"].isNull, "\(error.text)")
            try await observer.wait(
                for: """
                    not exists (select from pg_locks join pg_stat_activity using (pid)
                        where datname = current_database() and (not granted or wait_event_type = 'Lock'))
                    """
            )
            #expect(try await observer.value("select count(*) from intake.feedback") == "0")
            try await other.execute("rollback")
            #expect(try await conversation.result("feedback.submit", params)["status"] == "received")
            #expect(try await observer.value("select count(*) from intake.feedback") == "1")
        }
    }

    @Test("The transaction of a write has the deadline as its statement_timeout")
    func statementTimeout() async throws {
        let database = try TestDatabase.required()
        try await database.withPool { pool in
            let limits = try await pool.withTransaction(until: .after(.seconds(5)), limitsStatements: true) {
                try await $0.execute(StatementTimeout())
            }
            #expect((1...5250).contains(limits))
            #expect(try await pool.execute(StatementTimeout(), until: .after(.seconds(30))) == 60_000)
        }
    }

    private struct StatementTimeout: OneRow {
        static let sql = SQL(
            "statement_timeout",
            "select (extract(epoch from current_setting('statement_timeout')::interval) * 1000)::int8"
        )

        static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
    }
}
