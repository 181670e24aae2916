import Postgres
import Synchronization
import TestSupport
import Testing

@testable import JobQueue

/// Jobs that are handed in before the finisher runs, and so come in one group. Each test has a kind of its own.
@Suite("Jobs that end together", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct FinisherTests {
    /// Leaves a row for its job.
    private struct LeaveEffect: Command {
        static let sql = SQL(
            "leave_effect",
            "insert into queue.probe_effect (job, attempt, worker) values ($1::bigint, 1, 'test')"
        )
        let job: Int64

        func bind(to parameters: inout Parameters) { parameters.append(job) }
    }

    /// Fails.
    private struct Refuse: Command {
        static let sql = SQL("refuse", "insert into queue.probe_effect (job, attempt, worker) values (null, 1, 'test')")
    }

    /// Waits for the lock that a test holds.
    private struct Wait: Command {
        static let sql = SQL(
            "wait",
            """
            insert into queue.probe_effect (job, attempt, worker)
            select 0, 1, 'test' from (select pg_advisory_xact_lock($1::bigint)) as waited
            """
        )
        let lock: Int64

        func bind(to parameters: inout Parameters) { parameters.append(lock) }
    }

    private struct Fixture {
        let pool: Pool
        let finisher: Finisher
        let observer: ServerObserver

        /// Claims new jobs of a kind for a worker that nobody rescues.
        func claim(_ count: Int, kind: String) async throws -> [Workload.Claim] {
            try await observer.execute(
                """
                insert into queue.live (kind, payload, lease, worker, deadline)
                select '\(kind)', '{}', nextval('queue.lease_token'), 0, clock_timestamp() + interval '1 hour'
                from generate_series(1, \(count))
                returning id, lease
                """
            )
            .map { row in
                Workload.Claim(
                    job: try #require(row[0].flatMap { Int64($0) }),
                    lease: try #require(row[1].flatMap { Int64($0) }),
                    kind: kind,
                    attempt: 0
                )
            }
        }

        /// Hands the jobs in, then lets the finisher run, and says what became of each; not of what comes meanwhile.
        func end(_ endings: [Ending], meanwhile: () async throws -> Void = {}) async throws -> [Result<Void, any Error>]
        {
            for ending in endings { try await finisher.handIn(ending) }
            let log = EventLog<(claim: Workload.Claim, error: (any Error)?)>()
            let ours = Set(endings.map(\.claim))
            let run = Task { [finisher] in
                await finisher.run { endings, error in
                    for ending in endings where ours.contains(ending.claim) { log.record((ending.claim, error)) }
                }
            }
            try await meanwhile()
            var reports: [(claim: Workload.Claim, error: (any Error)?)] = []
            while reports.count < endings.count { reports.append(try await log.next()) }
            run.cancel()
            await run.value
            return try endings.map { ending in
                let index = try #require(reports.firstIndex { $0.claim == ending.claim })
                return reports.remove(at: index).error.map { .failure($0) } ?? .success(())
            }
        }

        func state(of job: Int64) async throws -> String? {
            try await observer.value("select state from queue.job where id = \(job)")
        }

        func effects(of job: Int64) async throws -> String? {
            try await observer.value("select count(*) from queue.probe_effect where job = \(job)")
        }
    }

    private func withFixture(_ body: (Fixture) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool { pool in
            try await body(Fixture(pool: pool, finisher: Finisher(pool: pool), observer: observer))
        }
    }

    private static func ending(_ claim: Workload.Claim, _ effects: (any Command)? = nil) -> Ending {
        Ending(claim, generation: 0, result: nil, effects: [effects ?? LeaveEffect(job: claim.job)])
    }

    @Test("share one commit, each with its effects and its own result")
    func together() async throws {
        try await withFixture { fixture in
            let claims = try await fixture.claim(10, kind: "together")
            let endings = claims.map { claim in
                Ending(
                    claim,
                    generation: 0,
                    result: claim.job == claims[0].job ? nil : JSONText("\(claim.job)"),
                    effects: [LeaveEffect(job: claim.job)]
                )
            }
            for outcome in try await fixture.end(endings) { try outcome.get() }
            let rows = try await fixture.observer.execute(
                """
                select count(*), count(distinct outcome.xmin::text || effect.xmin), count(result),
                    bool_and(result is null or result = to_jsonb(id))
                from queue.outcome join queue.probe_effect effect on effect.job = id
                where kind = 'together' and state = 'done'
                """
            )
            #expect(rows == [["10", "1", "9", "t"]])
        }
    }

    @Test("do not go down with a neighbour whose lease was lost, which leaves nothing", arguments: [0, 1, 4])
    func lostLease(position: Int) async throws {
        try await withFixture { fixture in
            let claims = try await fixture.claim(5, kind: "stale_\(position)")
            let lost = claims[position].job
            try await fixture.observer.execute(
                "update queue.live set lease = nextval('queue.lease_token') where id = \(lost)"
            )
            let outcomes = try await fixture.end(claims.map { Self.ending($0) })
            for (claim, outcome) in zip(claims, outcomes) where claim.job != lost {
                try outcome.get()
                #expect(try await fixture.state(of: claim.job) == "done")
                #expect(try await fixture.effects(of: claim.job) == "1")
            }
            let error = #expect(throws: LeaseLost.self) { try outcomes[position].get() }
            #expect(error?.job == lost)
            #expect(try await fixture.state(of: lost) == "running")
            #expect(try await fixture.effects(of: lost) == "0")
        }
    }

    @Test("do not go down with a neighbour whose effects fail, which stays as it was", arguments: [0, 1, 4])
    func failingEffects(position: Int) async throws {
        try await withFixture { fixture in
            let claims = try await fixture.claim(5, kind: "refusing_\(position)")
            let refused = claims[position].job
            let endings = claims.map { claim in Self.ending(claim, claim.job == refused ? Refuse() : nil) }
            let outcomes = try await fixture.end(endings)
            for (claim, outcome) in zip(claims, outcomes) where claim.job != refused {
                try outcome.get()
                #expect(try await fixture.state(of: claim.job) == "done")
                #expect(try await fixture.effects(of: claim.job) == "1")
            }
            let error = #expect(throws: PostgresError.self) { try outcomes[position].get() }
            #expect(error?.sqlState == .notNullViolation)
            #expect(try await fixture.state(of: refused) == "running")
        }
    }

    @Test("a job that is ended twice has its effects once")
    func twice() async throws {
        try await withFixture { fixture in
            let claim = try await fixture.claim(1, kind: "twice")[0]
            let outcomes = try await fixture.end([Self.ending(claim), Self.ending(claim)])
            #expect(outcomes.filter { (try? $0.get()) != nil }.count == 1)
            #expect(try await fixture.effects(of: claim.job) == "1")
        }
    }

    @Test("are not tried again when the connection is lost: nobody knows whether they have ended")
    func unknown() async throws {
        try await withFixture { fixture in
            let claims = try await fixture.claim(3, kind: "unknown")
            let endings = claims.map { claim in Self.ending(claim, claim.job == claims[2].job ? Wait(lock: 4711) : nil)
            }
            let observer = fixture.observer
            try await observer.execute("select pg_advisory_lock(4711)")
            let outcomes = try await fixture.end(endings) {
                try await observer.wait(for: "exists (select from pg_locks where objid = 4711 and not granted)")
                let process = try await observer.value("select pid from pg_locks where objid = 4711 and not granted")
                try await observer.kill(try #require(process.flatMap { Int32($0) }))
            }
            try await observer.execute("select pg_advisory_unlock(4711)")
            for outcome in outcomes {
                let error = #expect(throws: PostgresError.self) { try outcome.get() }
                guard case .commitUnknown = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            for claim in claims { #expect(try await fixture.state(of: claim.job) == "running") }
        }
    }

    @Test("end in a second group, if they are many, while a first waits for its commit")
    func secondGroup() async throws {
        try await withFixture { fixture in
            let observer = fixture.observer
            let held = try await fixture.claim(1, kind: "held_up")[0]
            let others = try await fixture.claim(Finisher.worthSecond, kind: "not_held_up")
            try await observer.execute("select pg_advisory_lock(4712)")
            let outcomes = try await fixture.end([Self.ending(held, Wait(lock: 4712))]) {
                try await observer.wait(for: "exists (select from pg_locks where objid = 4712 and not granted)")
                for claim in others { try await fixture.finisher.handIn(Self.ending(claim)) }
                try await observer.wait(
                    for: "(select count(*) from queue.ended where kind = 'not_held_up') = \(others.count)"
                )
                #expect(try await fixture.state(of: held.job) == "running")
                try await observer.execute("select pg_advisory_unlock(4712)")
            }
            for outcome in outcomes { try outcome.get() }
        }
    }

    @Test("those in no group yet when the finisher stops are reported, and not ended")
    func leftOver() async throws {
        try await withFixture { fixture in
            let claim = try await fixture.claim(1, kind: "left_over")[0]
            try await fixture.finisher.handIn(Self.ending(claim))
            let reported = Mutex<[Int64]>([])
            let run = Task { [finisher = fixture.finisher] in
                withUnsafeCurrentTask { $0?.cancel() }
                await finisher.run { endings, error in
                    guard error != nil else { return }
                    reported.withLock { $0 += endings.map(\.claim.job) }
                }
            }
            await run.value
            #expect(reported.withLock { $0 } == [claim.job])
            #expect(try await fixture.state(of: claim.job) == "running")
        }
    }

    @Test("whoever hands in too many waits until some are under way")
    func crowded() async throws {
        try await withFixture { fixture in
            let claims = try await fixture.claim(Finisher.mostWaiting + 100, kind: "crowded")
            let task = Task { [finisher = fixture.finisher] in
                for claim in claims { try await finisher.handIn(Self.ending(claim)) }
            }
            while fixture.finisher.waiting < Finisher.mostWaiting { await Task.yield() }
            #expect(fixture.finisher.waiting == Finisher.mostWaiting)
            let log = EventLog<Int>()
            let run = Task { [finisher = fixture.finisher] in
                await finisher.run { group, error in log.record(error == nil ? group.count : -1000) }
            }
            try await task.value
            var ended = 0
            while ended < claims.count, ended >= 0 { ended += try await log.next() }
            run.cancel()
            await run.value
            #expect(ended == claims.count)
        }
    }

    @Test("nobody waits for a finisher that has stopped")
    func stopped() async throws {
        try await withFixture { fixture in
            _ = try await fixture.end([])
            let claim = try await fixture.claim(1, kind: "stopped")[0]
            await #expect(throws: CancellationError.self) { try await fixture.finisher.handIn(Self.ending(claim)) }
            #expect(try await fixture.state(of: claim.job) == "running")
        }
    }
}
