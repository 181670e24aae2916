import Commands
import Glibc
import TestSupport
import Testing

/// Workers that are killed, frozen or told to stop in the middle of their jobs.
@Suite("Jobs whose worker", .needsPrograms, .timeLimit(.minutes(2)))
struct WorkerKillTests {
    @Test("is killed with -9 twenty times under load are each done with exactly one effect")
    func kills() async throws {
        try await withProbes { database, queue in
            var random = SplitMix64.announced("killed workers")
            let feeder = try await database.observer()
            defer { feeder.close() }
            let isFed = Flag()
            let seed = random.next()
            async let fed = feed(ProbeQueue(observer: feeder), seed: seed, until: isFed)
            for _ in 0..<20 {
                try await withWorker("amenity-upkeep", on: database) { worker in
                    // From the first moment to the middle of a steady run.
                    let pause = Double(Int.random(in: 0...700, using: &random)) / 1000
                    try await queue.observer.execute("select pg_sleep(\(pause))")
                    worker.send(SIGKILL)
                    #expect(try await worker.ended() == .signal(SIGKILL))
                }
            }
            isFed.raise()
            let count = try await fed
            try await withWorker("amenity-upkeep", on: database) { _ in try await queue.waitUntilDrained() }
            #expect(try await queue.count() == count)
            #expect(try await queue.exceptions() == [])
            let crashed = try await queue.count("crashes > 0")
            #expect(crashed > 0, "no kill hit a running job")
            let histogram = try await queue.observer.execute(
                "select crashes, count(*) from queue.job group by crashes order by crashes"
            )
            print("killed workers: \(count) jobs, by crashes \(histogram.map { $0.compactMap(\.self) })")
        }
    }

    /// Keeps a few jobs waiting until the flag is raised; returns how many were enqueued.
    private func feed(_ queue: ProbeQueue, seed: UInt64, until isFed: Flag) async throws -> Int {
        var random = SplitMix64(seed: seed)
        var count = 0
        while !isFed.isRaised {
            for _ in 0..<6 {
                let sleep = Int.random(in: 20...100, using: &random)
                let fails = Int.random(in: 0..<5, using: &random) == 0
                try await queue.enqueue(["sleep_ms": .integer(sleep), "fail": .integer(fails ? 1 : 0)])
                count += 1
            }
            while try await queue.count("state = 'ready'") >= 6, !isFed.isRaised {
                try await queue.observer.execute("select pg_sleep(0.01)")
            }
        }
        return count
    }

    @Test("is frozen are done by another, and nothing is doubled when it thaws")
    func frozen() async throws {
        try await withProbes { database, queue in
            try await withWorker("amenity-upkeep", on: database) { frozen in
                try await queue.enqueue(["sleep_ms": 300], count: 4)
                try await queue.observer.wait(for: "(select count(*) from queue.job where state = 'running') = 4")
                frozen.send(SIGSTOP)
                try await withWorker("amenity-upkeep", on: database) { second in
                    // Nothing tells a frozen process from a living one but its silence.
                    try await queue.waitUntilDrained()
                    try await second.event("jobs rescued")
                    #expect(try await queue.exceptions() == [])
                    frozen.send(SIGCONT)
                    // It finds out for each of the four, and announces itself anew.
                    var index = 0
                    for _ in 0..<4 {
                        index = try await frozen.event("job was given to another worker", from: index).index + 1
                    }
                    let registered = try await frozen.event("registered").index
                    try await frozen.event("registered", from: registered + 1)
                    #expect(try await queue.exceptions() == [])
                }
                // And works on.
                let job = try await queue.enqueue([:])
                try await queue.wait(for: job, toBe: "done")
                #expect(try await queue.exceptions() == [])
            }
        }
    }

    @Test("is told to stop under load end if they run, and else wait unharmed for the next")
    func terminated() async throws {
        try await withProbes { database, queue in
            try await queue.enqueue(["sleep_ms": 250], count: 40)
            try await withWorker("amenity-upkeep", on: database) { worker in
                try await queue.observer.wait(
                    for: "(select count(*) from queue.job where state = 'running') >= 4"
                        + " and exists (select from queue.job where state = 'done')"
                )
                worker.send(SIGTERM)
                #expect(try await worker.ended() == .exit(0))
                try await worker.event("stopped")
            }
            #expect(try await queue.observer.value("select count(*) from queue.worker") == "0")
            #expect(try await queue.count("state = 'running'") == 0)
            #expect(try await queue.count("state = 'done'") >= 5)
            #expect(try await queue.count("state = 'ready'") > 0)
            #expect(try await queue.count("attempt > 0 or crashes > 0") == 0)
            try await withWorker("amenity-upkeep", on: database) { _ in try await queue.waitUntilDrained() }
            #expect(try await queue.exceptions() == [])
            #expect(try await queue.count("attempt > 0 or crashes > 0") == 0)
        }
    }

    @Test("vanished twice are done again though other jobs keep coming")
    func starvation() async throws {
        try await withProbes { database, queue in
            let first = try await queue.enqueue(["sleep_ms": 20])
            try await queue.observer.execute("update queue.live set crashes = 2")
            let feeder = try await database.observer()
            defer { feeder.close() }
            try await withWorker("amenity-upkeep", on: database) { _ in
                let isFed = Flag()
                async let fed = feed(ProbeQueue(observer: feeder), seed: 1, until: isFed)
                try await queue.wait(for: first, toBe: "done")
                #expect(try await queue.count("state in ('ready', 'running')") > 0)
                isFed.raise()
                #expect(try await fed > 0)
                try await queue.waitUntilDrained()
            }
            #expect(try await queue.exceptions() == [])
        }
    }

    @Test("they kill themselves are dead after three times, and their neighbours are done once")
    func poison() async throws {
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
            #expect(try await queue.count("state = 'done' and crashes <= 1") == 3)
        }
    }
}
