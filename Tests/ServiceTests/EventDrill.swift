import Access
import Commands
import Postgres
import TestSupport
import Testing

@testable import Service

/// A client that comes and goes while much happens, and a service whose sessions are ended under it.
@Suite("Changes without an end", .needsServer, .migratedDatabase, .drillLimit)
struct EventDrill {
    /// A subscriber that keeps the number of the last event it was told.
    private struct Follower {
        var last = 0
        private var client: Client?

        /// Comes back and asks for what it has missed, as often as the database is away.
        mutating func connect(to server: TestServer) async throws {
            while true {
                try Task.checkCancellation()
                var client = try await Client(port: server.port)
                let open = #"{"topics":["amenity.changed"],"since":\#(last)}"#
                let reply = try await client.ask(
                    #"{"jsonrpc":"2.0","id":1,"method":"subscriptions.open","params":\#(open)}"#
                )
                self.client = client
                if reply?.contains(#""result""#) == true { return }
                #expect(reply?.contains(#""code":-32012"#) == true, "\(reply ?? "")")
                try await vanish()
            }
        }

        /// Takes the next event, which has to be the one after the last.
        mutating func follow() async throws {
            let received = await client?.receive()
            let line = try #require(received)
            let message = try JSONValue(parsing: line.utf8)
            #expect(message["method"] == "amenity.changed", "\(line)")
            let number = try #require(message["params"]["seq"].int)
            #expect(number == last + 1)
            last = number
        }

        mutating func vanish() async throws {
            try await client?.reset()
            client = nil
        }
    }

    @Test("are each told once and in order, to a client that comes back and of a service that loses its sessions")
    func flood() async throws {
        let drill = Drill("S27")
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        var killed = 0
        let name = "drill service"
        try await database.withPool(configure: {
            $0.rest(as: .anonymous); $0.applicationName = name
        }) { pool in
            try await TestServer.with(pool: pool) { server in
                var follower = Follower()
                for _ in 0..<Drill.rounds(4, long: 50) {
                    try await follower.connect(to: server)
                    async let written: Void = write(database)
                    for _ in 0..<20 { try await follower.follow() }
                    let ended = try await observer.execute(
                        """
                        select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = current_database() and application_name = '\(name)'
                        """
                    )
                    killed += ended.count
                    try await follower.vanish()
                    try await written
                    let all = try #require(Int(try await observer.value("select count(*) from service.event") ?? ""))
                    try await follower.connect(to: server)
                    while follower.last < all { try await follower.follow() }
                    #expect(follower.last == all)
                    try await follower.vanish()
                }
                #expect(killed > 0)
                drill.report(["events": follower.last, "sessions ended": killed])
            }
        }
    }

    /// From three sessions, some of it in vain.
    private func write(_ database: TestDatabase) async throws {
        let count = Drill.size(60, long: 700)
        try await withThrowingDiscardingTaskGroup { group in
            for writer in 0..<3 {
                group.addTask {
                    let session = try await database.observer()
                    defer { session.close() }
                    for part in 0..<4 {
                        try await session.execute(
                            """
                            begin;
                            insert into service.event (topic, object, payload)
                            select 'amenity.changed', gen_random_uuid(), '{"id": 1}' from generate_series(1, \(count / 4));
                            \((writer + part).isMultiple(of: 4) ? "rollback" : "commit")
                            """
                        )
                    }
                }
            }
        }
    }
}
