import Foundation
import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// What is told of a queue to whoever looks. A database each, since a look sees all.
@Suite("A look at the queue", .needsServer, .timeLimit(.minutes(2)))
struct LookTests {
    private func withQueue(_ body: (Pool, ServerObserver) async throws -> Void) async throws {
        try await TestQueue.with { try await body($0.pool, $0.observer) }
    }

    private static var soon: Deadline { .after(.seconds(30)) }

    /// Jobs that wait, are scheduled, run, crashed, and jobs of other parks and kinds.
    private static let stock = """
        insert into queue.live (kind, park, payload, run_at) select 'a', 'p', '{}', now() - interval '9 s'
            from generate_series(1, 3);
        insert into queue.live (kind, park, payload, run_at) values ('a', 'p', '{}', now() - interval '60 s');
        insert into queue.live (kind, payload, crashes) values ('a', '{}', 1);
        insert into queue.live (kind, park, payload) values ('b', 'q', '{}');
        insert into queue.live (kind, park, payload, run_at, later) values ('a', 'p', '{}', now() + interval '1 h', true);
        with job as (
            insert into queue.live (kind, park, payload, lease, worker, deadline)
            values ('a', 'p', '{}', 1, 1, now() + interval '1 h'), ('c', '', '{}', 1, 1, now() + interval '1 h')
            returning id
        )
        insert into queue.lease (token, generation, worker, jobs, until)
        select 1, 0, 1, array_agg(id), now() + interval '1 h' from job;
        update queue.live set rank = queue.rank(run_at, priority);
        """

    @Test("counts what waits and runs of each kind and park, and since when")
    func lanes() async throws {
        try await withQueue { _, observer in
            try await observer.execute(Self.stock)
            let lanes = """
                select kind, park, waiting, running, round(extract(epoch from now() - oldest)) >= 59
                from queue.lanes(%) order by kind, park
                """
            let all = try await observer.execute(lanes.replacing("%", with: ""))
            #expect(
                all == [
                    ["a", "", "1", "0", "f"], ["a", "p", "4", "1", "t"], ["b", "q", "1", "0", "f"],
                    ["c", "", "0", "1", nil],
                ]
            )
            let some = try await observer.execute(lanes.replacing("%", with: "array['c', 'a', 'none'], most => 2"))
            #expect(some == [["a", "", "1", "0", "f"], ["a", "p", "2", "1", "t"], ["c", "", "0", "1", nil]])
        }
    }

    @Test("tells since when the oldest job that is due waits in each park, and of none where none is")
    func parks() async throws {
        struct Status: Decodable {
            struct Park: Decodable {
                let park: String
                let oldest_ready_s: Double?
            }
            let parks: [Park]
        }
        try await withQueue { pool, observer in
            try await observer.execute(Self.stock)
            try await observer.execute(
                "insert into queue.live (kind, park, payload, run_at, later) values ('a', 'r', '{}', now() + '1 h', true)"
            )
            let status = try await QueueInspector(pool: pool).status(tellsQueries: false, until: Self.soon)
            let parks = try JSONDecoder().decode(Status.self, from: Data(status.utf8)).parks
            #expect(parks.map(\.park) == ["p", "q", "r"])
            #expect(parks.map { $0.oldest_ready_s.map { $0 >= 60 } } == [true, false, nil])
        }
    }

    @Test("of an empty queue tells zeros, and of kinds that nothing has too")
    func emptyQueue() async throws {
        try await withQueue { pool, observer in
            #expect(try await observer.execute("select * from queue.lanes()") == [])
            let gauges = try await QueueInspector(pool: pool).gauges(of: ["b", "none"], until: Self.soon)
            #expect(gauges.waiting == [0, 0] && gauges.running == [0, 0] && gauges.oldest == [0, 0])
            #expect(gauges.deadRows == 0)
        }
    }

    @Test("gauges stand in the order in which the kinds were asked for")
    func gauges() async throws {
        try await withQueue { pool, observer in
            try await observer.execute(Self.stock)
            let gauges = try await QueueInspector(pool: pool).gauges(of: ["c", "none", "a"], until: Self.soon)
            #expect(gauges.waiting == [0, 0, 5])
            #expect(gauges.running == [1, 0, 1])
            #expect(gauges.oldest[0] == 0 && gauges.oldest[2] >= 60)
        }
    }

    private struct Look: Decodable {
        struct Cap: Decodable {
            let name: String
            let running_now: Int
        }
        struct Holder: Decodable {
            let what: String
            let name: String
            let state: String?
            let doing: String?
        }
        let enqueued: Int?
        let scheduled: Int?
        let dead: Int?
        let caps: [Cap]
        let held_snapshots: [Holder]
    }

    private func look(_ json: JSONText) throws -> Look { try JSONDecoder().decode(Look.self, from: Data(json.utf8)) }

    @Test("tells what was ever enqueued, what is scheduled and dead, and what runs under a cap")
    func look() async throws {
        try await withQueue { pool, observer in
            let inspector = QueueInspector(pool: pool)
            #expect(try look(await inspector.look(until: Self.soon)).enqueued == 0)
            try await observer.execute(Self.stock)
            try await observer.execute(
                """
                insert into queue.outcome (id, kind, state, priority, attempt, crashes, enqueued_at, run_at, payload)
                select nextval('queue.job_id'), 'a', state, 100, 0, 0, now(), now(), '{}'
                from unnest(array['dead', 'done', 'cancelled']) as state
                """
            )
            try await CapControl(pool: pool).set(JobGroup(.park, "p"), to: Cap(running: 9))
            let look = try look(await inspector.look(until: Self.soon))
            #expect(look.enqueued == 12 && look.scheduled == 1 && look.dead == 1)
            #expect(look.caps.map(\.name) == ["p"] && look.caps.map(\.running_now) == [1])
        }
    }

    @Test("tells who holds a snapshot, but the statement only to whoever may see the database")
    func holders() async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            let holder = try await database.observer()
            defer {
                observer.close()
                holder.close()
            }
            let process = try await holder.value("select pg_backend_pid()")
            try await holder.execute("begin isolation level repeatable read; select 'a secret'")
            // Aged by six seconds, as far as the function can tell.
            let definition = try await observer.value("select pg_get_functiondef('queue.snapshot_holders'::regproc)")
            try await observer.execute(
                try #require(definition).replacing("clock_timestamp() -", with: "clock_timestamp() + interval '6 s' -")
            )
            try await database.withPool(shared: 1, leased: 2) { pool in
                let inspector = QueueInspector(pool: pool)
                for tellsQueries in [true, false] {
                    let status = try look(await inspector.status(tellsQueries: tellsQueries, until: Self.soon))
                    let held = try #require(status.held_snapshots.first { $0.name == process }, "\(status)")
                    #expect(held.what == "session" && held.state == "idle in transaction")
                    #expect((held.doing?.contains("a secret") == true) == tellsQueries)
                }
                #expect(try await inspector.gauges(of: ["a"], until: Self.soon).snapshotAge >= 6)
            }
        }
    }
}
