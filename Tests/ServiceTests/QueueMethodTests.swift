import Access
import Commands
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("The queue over a socket", .needsServer, .timeLimit(.minutes(2)))
struct QueueMethodTests {
    /// A server on a database of its own, a client that speaks for a role, and an observer.
    private func withServer(
        as role: Role = .admin,
        _ body: (inout Client, ServerObserver) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            let token = try await database.token(Grant(role: role))
            try await database.withServicePool { pool in
                try await TestServer.with(pool: pool) { server in
                    var client = try await Client(port: server.port)
                    _ = try await ask(&client, "auth.login", #"{"token":"\#(token)"}"#)
                    try await body(&client, observer)
                }
            }
        }
    }

    private func ask(_ client: inout Client, _ method: String, _ params: String = "{}") async throws -> JSONValue {
        let line = try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#)
        return try JSONValue(parsing: try #require(line).utf8)
    }

    private static let stock = """
        select queue.enqueue('a', '{"secret": 1}', 'p') from generate_series(1, 5);
        select queue.enqueue('b', '{}', run_at => now() + interval '1 h');
        insert into queue.outcome (id, kind, state, priority, attempt, crashes, enqueued_at, run_at, payload, last_error)
        values (nextval('queue.job_id'), 'a', 'dead', 100, 5, 0, now(), now(), '{}', 'no');
        """

    @Test("jobs.list pages through the jobs, the newest first, without a gap")
    func paging() async throws {
        try await withServer { client, observer in
            try await observer.execute(Self.stock)
            var (ids, cursor, pages) = ([Int](), "", 0)
            repeat {
                let result = try await ask(&client, "jobs.list", #"{"limit":3\#(cursor)}"#)["result"]
                ids += result["items"].elements.compactMap { $0["id"].int }
                pages += 1
                cursor = result["_meta"]["next"].string.map { #","cursor":"\#($0)""# } ?? ""
            } while !cursor.isEmpty && pages < 9
            #expect(ids == [7, 6, 5, 4, 3, 2, 1] && pages == 3)
        }
    }

    @Test(
        "jobs.list filters by state, kind and park",
        arguments: [
            (#"{"state":"dead"}"#, [7]), (#"{"state":"scheduled"}"#, [6]), (#"{"kind":"b"}"#, [6]),
            (#"{"park":"p","limit":2}"#, [5, 4]), (#"{"state":"ready","kind":"a","park":"p","limit":1}"#, [5]),
            (#"["dead","a"]"#, [7]), (#"{"kind":"nothing"}"#, []),
            (#"{"state":null}"#, [7, 6, 5, 4, 3, 2, 1]),
        ]
    )
    func filters(_ params: String, _ expected: [Int]) async throws {
        try await withServer { client, observer in
            try await observer.execute(Self.stock)
            let result = try await ask(&client, "jobs.list", params)["result"]
            #expect(result["items"].elements.compactMap { $0["id"].int } == expected)
        }
    }

    @Test("jobs.list shows states, attempts and errors, but no payload")
    func item() async throws {
        try await withServer { client, observer in
            try await observer.execute(Self.stock)
            let reply = try await ask(&client, "jobs.list", #"{"state":"dead"}"#)
            let job = try #require(reply["result"]["items"].elements.first)
            #expect(job["state"] == "dead" && job["attempt"] == 5 && job["last_error"] == "no" && job["kind"] == "a")
            let all = try await ask(&client, "jobs.list")
            #expect(!all.text.contains("secret"))
        }
    }

    @Test(
        "jobs.list refuses what it can't mean, and says what",
        arguments: [
            (#"{"state":"sleeping"}"#, "/params/state"), (#"{"limit":0}"#, "/params/limit"),
            (#"{"limit":101}"#, "/params/limit"), (#"{"cursor":"x"}"#, "/params/cursor"),
            (#"{"cursor":"-1"}"#, "/params/cursor"), (#"{"cursor":"99999999999999999999"}"#, "/params/cursor"),
            (#"{"cursor":"1'; drop table x"}"#, "/params/cursor"), (#"{"kind":7}"#, "/params/kind"),
            (#"{"knd":"a"}"#, "/params/knd"),
        ]
    )
    func refusals(_ params: String, _ path: String) async throws {
        try await withServer { client, _ in
            let error = try await ask(&client, "jobs.list", params)["error"]
            #expect(error["code"] == -32602)
            #expect(error["data"]["path"].string == path)
        }
    }

    @Test(
        "jobs.list is for those who run the directory",
        arguments: [(Role.staff, true), (.analyst, true), (.investor, false)]
    )
    func access(_ role: Role, _ isAllowed: Bool) async throws {
        try await withServer(as: role) { client, _ in
            #expect(try await ask(&client, "jobs.list")["error"].isNull == isAllowed)
            _ = try await ask(&client, "auth.logout")
            #expect(try await ask(&client, "jobs.list")["error"]["code"] == -32001)
        }
    }

    @Test("queue.status tells caps and workers, but of nobody the statement")
    func status() async throws {
        try await withServer { client, observer in
            try await observer.execute(
                """
                insert into queue.cap (scope, name, running) values ('kind', 'a', 2);
                insert into queue.worker (program, host, pid, kinds) values ('w', 'h', 1, '{a}');
                create or replace function queue.snapshot_holders() returns table (
                    what text, name text, program text, age double precision, state text, query text
                )
                language sql stable as $$ select 'session', '1', 'p', 9.0::float8, 'active', 'select ''private''' $$;
                """
            )
            let status = try await ask(&client, "queue.status")["result"]
            #expect(status["caps"].elements.first?["running"] == 2)
            #expect(status["workers"].elements.first?["kinds"].text == #"["a"]"#)
            #expect(status["held_snapshots"].elements.first?["state"] == "active")
            #expect(!status.text.contains("private"))
        }
    }
}
