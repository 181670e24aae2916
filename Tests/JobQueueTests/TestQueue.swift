import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// A queue of its own: a pool to work with and an observer to look with.
struct TestQueue {
    let database: TestDatabase
    let pool: Pool
    let observer: ServerObserver

    /// Makes a migrated database for the body.
    static func with(_ body: (TestQueue) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool(shared: 1, leased: 6) { pool in
                try await body(TestQueue(database: database, pool: pool, observer: observer))
            }
        }
    }

    /// Enqueues a job as plain SQL does.
    func enqueue(_ kind: String, park: String? = nil, _ rest: String = "") async throws -> Int64 {
        let park = park.map { "'\($0)'" } ?? "null"
        let id = try await observer.value("select id from queue.enqueue('\(kind)', '{}', \(park)\(rest))")
        return try #require(id.flatMap { Int64($0) })
    }

    /// Puts many equal jobs in.
    func fill(_ kind: String, park: String = "", count: Int) async throws {
        try await observer.execute(
            "insert into queue.live (kind, park, payload) select '\(kind)', '\(park)', '{}' from generate_series(1, \(count))"
        )
    }

    /// Claims jobs of some kinds for a worker that nobody rescues, in the order in which they come.
    func claimed(
        _ kinds: [String] = ["a", "b"],
        count: Int = 10,
        _ change: (inout ClaimJobs) -> Void = { _ in }
    ) async throws -> [ClaimedJob] {
        var claim = ClaimJobs(worker: 1, kinds: kinds.map { ($0, .seconds(60)) }, count: count)
        change(&claim)
        return try await pool.execute(claim, until: .after(.seconds(20)))
    }

    func claim(_ kinds: [String] = ["a", "b"], count: Int = 10) async throws -> [Int64] {
        try await claimed(kinds, count: count).map(\.job.id).sorted()
    }

    /// Claims a job whose process vanished.
    func suspect() async throws -> Int64? {
        try await claimed(count: 1) { $0.mostCrashesAlone = 3 }.first?.job.id
    }

    func finish(_ claims: [ClaimedJob]) async throws {
        let endings = claims.map { Ending($0.key, generation: $0.generation, result: nil, effects: []) }
        try await pool.withSession(until: .after(.seconds(20))) { try await $0.perform(FinishJobs.all(endings)) }
    }

    /// What a worker, another than that of ``claimed(_:count:_:)``, sees as it gives a sign of life.
    func look(for kinds: [String]) async throws -> Beat.View {
        let worker = try await observer.value(
            """
            insert into queue.worker (id, program, host, pid) overriding system value
            select coalesce(max(id), 1000) + 1, 'test', 'here', 0 from queue.worker returning id
            """
        )
        let beat = Beat(
            worker: try #require(worker.flatMap { Int64($0) }),
            pace: 0,
            tally: Tally.Count(),
            silence: .seconds(3600),
            patience: .seconds(3600),
            handled: kinds,
            sought: kinds
        )
        return try #require(try await pool.execute(beat, until: .after(.seconds(20))))
    }

    func state(of job: Int64) async throws -> String? {
        try await observer.value("select state from queue.job where id = \(job)")
    }

    /// Has the queue take the server to have begun at a time, given in SQL.
    func setServerStart(_ time: String) async throws {
        try await observer.execute(
            "create or replace function queue.server_start() returns timestamptz language sql stable as $$ select \(time) $$"
        )
    }

    /// Sets the queue's clock, which all its users share, forward against the true time.
    func setClock(ahead span: Duration) async throws {
        try await FakeClock(in: pool).run(ahead: span)
    }
}
