import Commands
import Glibc
import TestSupport
import Testing

/// Workers that are killed, frozen or told to stop in the middle of their jobs.
@Suite("Jobs whose worker", .needsPrograms, .drillLimit)
struct WorkerKillTests {
    @Test("is killed with -9 again and again under load are each done with exactly one effect")
    func kills() async throws {
        let drill = Drill("R1")
        let recovery = LongestSpan()
        var random = SplitMix64.announced("killed workers")
        try await withProbes { database, queue in
            let rounds = Drill.rounds(20, long: 1000)
            var fed = 0
            for first in stride(from: 0, to: rounds, by: 20) {
                fed += try await killWorkers(min(20, rounds - first), of: database, queue, &random)
                // What died twice waits for a worker that lives for a while.
                try await withWorker("amenity-upkeep", on: database) { _ in
                    try await recovery.measure { try await queue.waitUntilDrained() }
                }
                #expect(try await queue.exceptions() == [])
            }
            let (lost, doubled) = try await (queue.lost(of: fed), queue.doubled())
            #expect(lost == 0 && doubled == 0)
            let crashed = try await queue.count("crashes > 0")
            #expect(crashed > 0, "no kill hit a running job")
            drill.report([
                "rounds": rounds, "jobs": fed, "hit by a kill": crashed, "lost": lost, "doubled": doubled,
                "all done within s": recovery.seconds,
            ])
        }
    }

    /// Kills one worker after the other while jobs keep coming; returns how many came.
    private func killWorkers(
        _ rounds: Int,
        of database: TestDatabase,
        _ queue: ProbeQueue,
        _ random: inout SplitMix64
    ) async throws -> Int {
        try await withFeeder(on: database, seed: random.next()) {
            for _ in 0..<rounds {
                try await withWorker("amenity-upkeep", on: database) { worker in
                    // From the first moment to the middle of a steady run.
                    let pause = Double(Int.random(in: 5...500, using: &random)) / 1000
                    try await queue.observer.execute("select pg_sleep(\(pause))")
                    worker.send(SIGKILL)
                    #expect(try await worker.ended() == .signal(SIGKILL))
                }
            }
        }
    }

    @Test("is frozen are done by another, and nothing is doubled when it thaws")
    func frozen() async throws {
        let drill = Drill("R2")
        let (takeover, rounds) = (LongestSpan(), Drill.rounds(1, long: 10))
        var refused = 0
        for _ in 0..<rounds {
            try await withProbes { database, queue in
                try await withWorker("amenity-upkeep", on: database) { frozen in
                    try await queue.enqueue(["sleep_ms": 300], count: 4)
                    try await queue.observer.wait(
                        for: "(select count(*) from queue.job where state = 'running') = 4"
                    )
                    frozen.send(SIGSTOP)
                    try await takeover.measure { try await finishForFrozen(database, queue) }
                    frozen.send(SIGCONT)
                    // It finds out for each of the four, and announces itself anew.
                    var index = 0
                    for _ in 0..<4 {
                        index = try await frozen.event("job was given to another worker", from: index).index + 1
                        refused += 1
                    }
                    let registered = try await frozen.event("registered").index
                    try await frozen.event("registered", from: registered + 1)
                    #expect(try await queue.exceptions() == [])
                    // And works on.
                    let job = try await queue.enqueue([:])
                    try await queue.wait(for: job, toBe: "done")
                    #expect(try await queue.exceptions() == [])
                }
            }
        }
        drill.report([
            "rounds": rounds, "jobs": rounds * 5, "stale ends refused": refused, "lost": 0, "doubled": 0,
            "done by another within s": takeover.seconds,
        ])
    }

    private func finishForFrozen(_ database: TestDatabase, _ queue: ProbeQueue) async throws {
        try await withWorker("amenity-upkeep", on: database) { second in
            // Nothing tells a frozen process from a living one but its silence.
            try await queue.waitUntilDrained()
            try await second.event("jobs rescued")
            #expect(try await queue.exceptions() == [])
        }
    }

    @Test("is told to stop under load end if they run, and else wait unharmed for the next")
    func terminated() async throws {
        let drill = Drill("R11")
        let (stopping, rounds) = (LongestSpan(), Drill.rounds(2, long: 100))
        try await withProbes { database, queue in
            for _ in 0..<rounds {
                try await queue.enqueue(["sleep_ms": 250], count: 40)
                try await stopUnderLoad(database, queue, stopping)
            }
            #expect(try await queue.count("state = 'done'") >= 5)
            #expect(try await queue.count("state = 'ready'") > 0)
            try await withWorker("amenity-upkeep", on: database) { _ in try await queue.waitUntilDrained() }
            #expect(try await queue.exceptions() == [])
            let charged = try await queue.count("attempt > 0 or crashes > 0")
            #expect(charged == 0)
            let (lost, doubled) = try await (queue.lost(of: rounds * 40), queue.doubled())
            #expect(lost == 0 && doubled == 0)
            drill.report([
                "rounds": rounds, "jobs": rounds * 40, "charged": charged, "lost": lost, "doubled": doubled,
                "stopped within s": stopping.seconds,
            ])
        }
    }

    private func stopUnderLoad(_ database: TestDatabase, _ queue: ProbeQueue, _ stopping: LongestSpan) async throws {
        let done = try await queue.count("state = 'done'")
        try await withWorker("amenity-upkeep", on: database) { worker in
            try await queue.observer.wait(
                for: "(select count(*) from queue.job where state = 'running') >= 4"
                    + " and (select count(*) from queue.job where state = 'done') > \(done)"
            )
            // Its grace of 25 s is the longest that it may take; what runs here takes a hundredth of that.
            let ending = try await stopping.measure {
                worker.send(SIGTERM)
                return try await worker.ended(within: .seconds(25))
            }
            #expect(ending == .exit(0))
            try await worker.event("stopped")
        }
        #expect(try await queue.observer.value("select count(*) from queue.worker") == "0")
        #expect(try await queue.count("state = 'running'") == 0)
        #expect(try await queue.count("attempt > 0 or crashes > 0") == 0)
    }

    @Test("vanished twice are done again though other jobs keep coming")
    func starvation() async throws {
        try await withProbes { database, queue in
            let first = try await queue.enqueue(["sleep_ms": 20])
            try await queue.observer.execute("update queue.live set crashes = 2")
            try await withWorker("amenity-upkeep", on: database) { _ in
                let fed = try await withFeeder(on: database, seed: 1) {
                    try await queue.wait(for: first, toBe: "done")
                    #expect(try await queue.count("state in ('ready', 'running')") > 0)
                }
                #expect(fed > 0)
                try await queue.waitUntilDrained()
            }
            #expect(try await queue.exceptions() == [])
        }
    }

    @Test("they kill themselves are dead after three times, and their neighbours are done once")
    func poison() async throws {
        let drill = Drill("R8")
        try await withProbes { database, queue in
            try await queue.observer.execute(
                """
                select queue.enqueue('probe', '{"sleep_ms": 400}') from generate_series(1, 2);
                select queue.enqueue('probe', '{"abort": true, "sleep_ms": 50}');
                select queue.enqueue('probe', '{"sleep_ms": 400}')
                """
            )
            for _ in 0..<3 {
                let ending = try await withWorker("amenity-upkeep", on: database) { try await $0.ended() }
                #expect(ending == .signal(SIGKILL))
            }
            try await withWorker("amenity-upkeep", on: database) { worker in
                try await queue.waitUntilDrained()
                #expect(worker.isRunning)
            }
            let dead = try await queue.observer.execute(
                "select crashes, payload ->> 'abort', last_error ~ 'vanished 3 times' from queue.job where state = 'dead'"
            )
            #expect(dead == [["3", "true", "t"]])
            #expect(try await queue.exceptions().count == 1, "only the poison")
            // The one crash that they shared is not held against them.
            let unharmed = try await queue.count("state = 'done' and crashes <= 1")
            #expect(unharmed == 3)
            drill.report(["rounds": 1, "jobs": 4, "quarantined": dead.count, "neighbours unharmed": unharmed])
        }
    }
}
