import Commands
import JobQueue
import Postgres
import TestSupport
import Testing

@Suite("An operator's hand on the queue", .needsServer, .timeLimit(.minutes(2)))
struct JobControlTests {
    private static func withQueue(_ body: (JobControl, ScriptSession) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let session = try await ScriptSession.open(database.configuration)
            defer { session.close() }
            try await database.withPool { pool in try await body(JobControl(pool: pool), session) }
        }
    }

    private static func enqueue(_ session: ScriptSession, key: String? = nil, later: Bool = false) async throws -> Int64
    {
        let rows = try await session.execute(
            """
            select id from queue.enqueue('probe', '{}', unique_key => \(key.map { "'\($0)'" } ?? "null"),
                run_at => \(later ? "clock_timestamp() + interval '1 hour'" : "null"))
            """
        )
        return try #require(rows.first?.first?.flatMap { Int64($0) })
    }

    private static func state(_ session: ScriptSession, _ job: Int64) async throws -> String? {
        try await session.execute("select state from queue.job where id = \(job)").first?.first ?? nil
    }

    private static var soon: Deadline { .after(.seconds(30)) }

    @Test("a waiting job is cancelled, and can be called back or forgotten")
    func cancel() async throws {
        try await Self.withQueue { control, session in
            let job = try await Self.enqueue(session)
            let cancelled = try await control.cancel(job, until: Self.soon)
            #expect(cancelled?.state == "ready" && cancelled?.isChanged == true)
            #expect(try await Self.state(session, job) == "cancelled")
            #expect(try await control.cancel(job, until: Self.soon)?.isChanged == false)
            #expect(try await control.retry(job, until: Self.soon)?.isChanged == true)
            #expect(try await Self.state(session, job) == "ready")
            #expect(try await control.discard(job, until: Self.soon)?.isChanged == false)
            _ = try await control.cancel(job, until: Self.soon)
            #expect(try await control.discard(job, until: Self.soon)?.isChanged == true)
            #expect(try await Self.state(session, job) == nil)
            #expect(try await control.retry(job, until: Self.soon) == nil)
        }
    }

    @Test("a scheduled job is hastened")
    func hasten() async throws {
        try await Self.withQueue { control, session in
            let job = try await Self.enqueue(session, later: true)
            #expect(try await Self.state(session, job) == "scheduled")
            #expect(try await control.retry(job, until: Self.soon)?.isChanged == true)
            #expect(try await Self.state(session, job) == "ready")
        }
    }

    @Test("a running job is left to its worker, which is told to stop it if it is cancelled")
    func running() async throws {
        try await Self.withQueue { control, session in
            let job = try await Self.enqueue(session)
            try await session.execute(
                "update queue.live set lease = 1, worker = 1, deadline = clock_timestamp() + interval '1 h' where id = \(job)"
            )
            for outcome in [
                try await control.retry(job, until: Self.soon), try await control.discard(job, until: Self.soon),
            ] {
                #expect(outcome?.state == "running" && outcome?.isChanged == false)
            }
            for isFirst in [true, false] {
                let outcome = try await control.cancel(job, until: Self.soon)
                #expect(outcome?.state == "running" && outcome?.isChanged == isFirst)
            }
            #expect(try await Self.state(session, job) == "running")
        }
    }

    @Test("a cancelled job comes back only while nobody else has its unique key")
    func uniqueKey() async throws {
        try await Self.withQueue { control, session in
            let first = try await Self.enqueue(session, key: "k")
            _ = try await control.cancel(first, until: Self.soon)
            let second = try await Self.enqueue(session, key: "k")
            #expect(second != first)
            #expect(try await control.retry(first, until: Self.soon)?.isChanged == false)
            #expect(try await Self.state(session, first) == "cancelled")
            _ = try await control.cancel(second, until: Self.soon)
            #expect(try await control.retry(first, until: Self.soon)?.isChanged == true)
            #expect(try await Self.enqueue(session, key: "k") == first)
        }
    }

    // MARK: Many at once

    /// Has a dead job for each key; none has a key where it is nil.
    private static func bury(_ session: ScriptSession, _ keys: [String?], kind: String = "a", park: String = "")
        async throws
    {
        for key in keys {
            let literal = key.map { "'\($0)'" } ?? "null"
            try await session.execute(
                """
                insert into queue.outcome (
                    id, kind, park, state, priority, attempt, crashes, enqueued_at, run_at, payload, unique_key, last_error
                )
                values (
                    nextval('queue.job_id'), '\(kind)', '\(park)', 'dead', 100, 5, 2, now(), now(), '{}', \(literal), 'no'
                )
                """
            )
        }
    }

    /// How many came back, and how many could not.
    private static func redriven(_ control: JobControl, limit: Int = .max, batch: Int = 500) async throws -> [Int] {
        let redriven = try await control.redrive(limit: limit, batch: batch)
        return [redriven.retried, redriven.held]
    }

    private static func states(_ session: ScriptSession) async throws -> [[String?]] {
        try await session.execute("select kind, state, count(*) from queue.job group by 1, 2 order by 1, 2")
    }

    @Test("dead jobs come back together, with a clean count, in batches of any size", arguments: [1, 2, 7, 500])
    func redrive(batch: Int) async throws {
        try await Self.withQueue { control, session in
            try await Self.bury(session, Array(repeating: nil, count: 7))
            let running = try await Self.enqueue(session)
            #expect(try await Self.redriven(control, batch: batch) == [7, 0])
            #expect(try await Self.states(session) == [["a", "ready", "7"], ["probe", "ready", "1"]])
            let counts = try await session.execute(
                "select distinct attempt, crashes, last_error from queue.live where id <> \(running)"
            )
            #expect(counts == [["0", "0", "no"]])
            #expect(try await Self.redriven(control) == [0, 0], "nothing is dead any more")
        }
    }

    @Test("only those of a kind or park come back, and no more than wished")
    func redriveSome() async throws {
        try await Self.withQueue { control, session in
            try await Self.bury(session, [nil, nil, nil], kind: "a", park: "p")
            try await Self.bury(session, [nil, nil], kind: "a", park: "q")
            try await Self.bury(session, [nil, nil], kind: "b", park: "p")
            #expect(try await control.redrive(kind: "a", park: "p", limit: 2, batch: 1).retried == 2)
            #expect(try await control.redrive(kind: "c").retried == 0)
            #expect(try await control.redrive(park: "q").retried == 2)
            #expect(try await control.redrive(kind: "b").retried == 2)
            #expect(
                try await Self.states(session) == [["a", "dead", "1"], ["a", "ready", "4"], ["b", "ready", "2"]]
            )
        }
    }

    @Test("those stay dead whose key another job holds, and are counted; they do not count towards the limit")
    func redriveHeld() async throws {
        try await Self.withQueue { control, session in
            // Two died over one key, one after the other; a live job holds the second key.
            try await Self.bury(session, ["twice", "taken", "twice", "free", nil])
            _ = try await Self.enqueue(session, key: "taken")
            #expect(try await Self.redriven(control, limit: 3, batch: 2) == [3, 2])
            #expect(
                try await Self.states(session) == [["a", "dead", "2"], ["a", "ready", "3"], ["probe", "ready", "1"]]
            )
            let left = try await session.execute("select unique_key from queue.job where state = 'dead' order by 1")
            #expect(left == [["taken"], ["twice"]])
            #expect(try await control.redrive().held == 2)
        }
    }

    @Test("what dies again meanwhile is left alone")
    func redriveAgain() async throws {
        try await Self.withQueue { control, session in
            try await Self.bury(session, [nil, nil])
            // As if each job that comes back died at once, under an id that is still to come.
            try await session.execute(
                """
                create function die() returns trigger language plpgsql as $$
                begin
                    insert into queue.outcome (
                        id, kind, state, priority, attempt, crashes, enqueued_at, run_at, payload, finished_at
                    )
                    values (
                        nextval('queue.job_id'), new.kind, 'dead', 100, 0, 0, now(), now(), '{}', clock_timestamp()
                    );
                    return null;
                end $$;
                create trigger die after insert on queue.live_0 for each row execute function die();
                """
            )
            #expect(try await control.redrive(batch: 1).retried == 2)
        }
    }

    @Test("a page of jobs says where the next begins, and the last says that there is none")
    func pages() async throws {
        try await Self.withQueue { control, session in
            try await Self.bury(session, [nil, nil], kind: "a", park: "p")
            for later in [false, true] { _ = try await Self.enqueue(session, later: later) }
            func ids(_ page: JobControl.Page) throws -> [String] {
                try JSONValue(parsing: page.jobs.utf8).elements.map { $0["id"].plain }
            }
            var filter = JobControl.Filter(limit: 3)
            let first = try await control.list(filter, until: Self.soon)
            #expect(try ids(first) == ["4", "3", "2"] && first.next == 2)
            filter.before = first.next
            let second = try await control.list(filter, until: Self.soon)
            #expect(try ids(second) == ["1"] && second.next == nil)
            filter = JobControl.Filter(limit: 4)
            #expect(try await control.list(filter, until: Self.soon).next == nil)
            for (filter, expected) in [
                (JobControl.Filter(state: .dead), ["2", "1"]), (JobControl.Filter(state: .scheduled), ["4"]),
                (JobControl.Filter(state: .ready), ["3"]), (JobControl.Filter(state: .running), []),
                (JobControl.Filter(kind: "a", park: "p"), ["2", "1"]),
                (JobControl.Filter(kind: "probe", park: "p"), []),
            ] {
                #expect(try ids(await control.list(filter, until: Self.soon)) == expected, "\(filter)")
            }
        }
    }
}
