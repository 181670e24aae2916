import Commands
import TestSupport
import Testing

/// Workers under a transaction that somebody has left open.
@Suite("While somebody holds a snapshot", .needsPrograms, .drillLimit)
struct HeldSnapshotDrill {
    private static let hold = "begin isolation level repeatable read; select 1"

    @Test("generations take turns under a worker, what is dead does not pile up, and every job is done once")
    func generations() async throws {
        let drill = Drill("R6")
        let rounds = Drill.rounds(2, long: 20)
        try await withProbes { database, queue in
            let holder = try await database.observer()
            defer { holder.close() }
            try await holder.execute(Self.hold)
            try await withWorker("amenity-upkeep", on: database) { _ in
                var jobs = 0
                for _ in 0..<rounds {
                    let before = try await queue.observer.value("select current from queue.rotation")
                    // It rotates by itself at a hundred times as many.
                    var isRotated = false
                    while !isRotated {
                        try await queue.enqueue([:], count: 200)
                        jobs += 200
                        try await queue.waitUntilDrained()
                        let rotated = try await queue.observer.value(
                            "select rotated from queue.rotate(most_dead => 500, held_for => '0 s')"
                        )
                        isRotated = rotated == "t"
                    }
                    #expect(try await queue.observer.value("select current from queue.rotation") != before)
                    try await waitUntilOldAreEmpty(queue)
                }
                let left = try await queue.observer.value(
                    "select sum(pg_stat_get_dead_tuples(format('queue.live_%s', n)::regclass)) from generate_series(0, 2) n"
                )
                try await expectEachDoneOnce(jobs, queue)
                drill.report([
                    "rotations": rounds, "jobs": jobs, "dead rows left": left ?? "",
                    "lost": try await queue.lost(of: jobs),
                    "doubled": try await queue.doubled(),
                ])
            }
        }
    }

    /// Under the snapshot vacuum can't do that; nor may the table grow for as long as the snapshot is held.
    private func waitUntilOldAreEmpty(_ queue: ProbeQueue) async throws {
        try await queue.observer.wait(
            for: """
                (select true from queue.rotate(most_dead => 500, held_for => '0 s')) and (
                    select sum(pg_relation_size(format('queue.live_%s', n)::regclass)) = 0
                    from generate_series(0, 2) n, queue.rotation where n <> rotation.current
                )
                """
        )
    }

    @Test(
        "the workers keep their rate at seven tenths of what they can do",
        .enabled(if: Drill.isLong, "it takes its time: ./dev chaos R6")
    )
    func rate() async throws {
        let drill = Drill("R6")
        let seconds = 600
        try await withProbes { database, queue in
            try await withWorker("amenity-upkeep", on: database, concurrency: 16) { _ in
                let start = ContinuousClock.now
                try await queue.enqueue([:], count: 10_000)
                try await queue.waitUntilDrained()
                let most = 10_000 / (start.duration(to: .now) / .seconds(1))
                let free = try await feed(most * 0.7, seconds, queue)
                let holder = try await database.observer()
                defer { holder.close() }
                try await holder.execute(Self.hold)
                let held = try await feed(most * 0.7, seconds, queue)
                drill.report([
                    "seconds": seconds * 2, "jobs a second at most": Int(most), "without": Int(free.rate),
                    "with a held snapshot": Int(held.rate), "most dead rows": held.dead,
                ])
                #expect(held.rate >= 0.95 * free.rate)
                try await queue.waitUntilDrained()
                #expect(try await queue.exceptions() == [])
            }
        }
    }

    /// Enqueues at a steady rate, whatever becomes of it; the rate at which jobs ended, and the most dead rows seen.
    private func feed(_ rate: Double, _ seconds: Int, _ queue: ProbeQueue) async throws -> (rate: Double, dead: Int) {
        let before = try await queue.lost(of: 0)
        let start = ContinuousClock.now
        var (fed, dead) = (0, 0)
        var elapsed = 0.0
        while elapsed < Double(seconds) {
            let due = Int(elapsed * rate) - fed
            if due > 0 { try await queue.enqueue([:], count: due) }
            fed += max(due, 0)
            let seen = try await queue.observer.value(
                "select sum(pg_stat_get_dead_tuples(format('queue.live_%s', n)::regclass)) from generate_series(0, 2) n"
            )
            try await queue.observer.execute("select pg_sleep(0.1)")
            dead = max(dead, seen.flatMap { Int($0) } ?? 0)
            elapsed = start.duration(to: .now) / .seconds(1)
        }
        return (Double(before - (try await queue.lost(of: 0))) / elapsed, dead)
    }
}
