import Commands
import JobQueue
import TestSupport
import Testing

/// Clocks that are wrong: the queue knows one only, the database's.
@Suite("A worker whose clock", .needsPrograms, .drillLimit)
struct ClockDrills {
    @Test(
        "is an hour off does what is due and not what isn't, and takes nobody for dead",
        .enabled(if: BentClock.isAvailable, "no clang on PATH")
    )
    func host() async throws {
        let drill = Drill("R10")
        try await withProbes { database, queue in
            let later = try await queue.observer.value(
                "select id from queue.enqueue('probe', '{}', run_at => now() + interval '30 minutes')"
            )
            let jobs = Drill.size(60, long: 5000)
            try await withBent(3600, database) { early in
                try await withBent(-3600, database) { late in
                    try expectBent(3600, try await early.event("registered").event)
                    try expectBent(-3600, try await late.event("registered").event)
                    try await queue.enqueue(["sleep_ms": 20, "fail": 1], count: jobs)
                    try await queue.waitUntilDrained(butFor: 1)
                    #expect(try await queue.state(of: try #require(later.flatMap { Int64($0) })) == "scheduled")
                    #expect(try await queue.count("crashes > 0") == 0)
                    let workers = "select count(distinct worker) from queue.probe_effect"
                    #expect(try await queue.observer.value(workers) == "2")
                    #expect(try await queue.observer.value("select count(*) from queue.worker") == "2")
                }
            }
            #expect(try await queue.lost(of: jobs) == 0)
            #expect(try await queue.doubled() == 0)
            drill.report(["workers an hour off": 2, "jobs": jobs + 1, "lost": 0, "doubled": 0, "charged a crash": 0])
        }
    }

    private func withBent(
        _ seconds: Int,
        _ database: TestDatabase,
        _ body: (RunningProgram) async throws -> Void
    ) async throws {
        try await withBentClock { clock in
            try clock.run(ahead: seconds)
            try await withProgram("amenity-upkeep", switches(database), environment: clock.environment) { program in
                try await program.event("registered")
                try await body(program)
            }
        }
    }

    @Test("is the database's, and jumps an hour to and fro, loses and doubles nothing, and does not get stuck")
    func server() async throws {
        let drill = Drill("R10b")
        let rounds = Drill.rounds(2, long: 20)
        try await withProbes { database, queue in
            try await database.withPool { pool in
                let clock = try await FakeClock(in: pool)
                try await withWorker("amenity-upkeep", on: database) { worker in
                    let fed = try await withFeeder(on: database, seed: 1) {
                        for _ in 0..<rounds {
                            for hours in [1.0, -1, 0] {
                                try await clock.run(ahead: .seconds(hours * 3600))
                                let ended = try await queue.count("state = 'done'")
                                try await queue.observer.wait(
                                    for: "(select count(*) from queue.job where state = 'done') > \(ended + 10)"
                                )
                            }
                        }
                    }
                    // What was put off while the clock was ahead.
                    try await clock.run(ahead: .seconds(2 * 3600))
                    try await queue.waitUntilDrained()
                    #expect(worker.isRunning)
                    try await expectEachDoneOnce(fed, queue)
                    drill.report([
                        "rounds": rounds * 3, "jobs": fed, "lost": try await queue.lost(of: fed),
                        "doubled": try await queue.doubled(), "charged a crash": try await queue.count("crashes > 0"),
                    ])
                }
            }
        }
    }
}
