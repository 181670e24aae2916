import Commands
import Glibc
import TestSupport
import Testing

/// Workers that lose their sessions, or that the network forgets.
@Suite("A worker whose connections", .needsPrograms, .drillLimit)
struct LostSessionDrills {
    @Test("are ended ten a second goes on, and does every job once")
    func terminatedBackends() async throws {
        let drill = Drill("R3")
        var random = SplitMix64.announced("ended backends")
        let rounds = Drill.rounds(30, long: 600)
        try await withProbes { database, queue in
            try await withWorker("amenity-upkeep", on: database) { worker in
                let recovery = LongestSpan()
                var ended = 0
                let fed = try await withFeeder(on: database, seed: random.next()) {
                    for _ in 0..<rounds {
                        ended += try await endOneBackend(queue)
                        try await queue.observer.execute("select pg_sleep(0.1)")
                    }
                }
                try await recovery.measure { try await queue.waitUntilDrained() }
                #expect(worker.isRunning)
                #expect(ended > rounds / 2, "there was hardly a session to be ended")
                try await expectEachDoneOnce(fed, queue)
                drill.report([
                    "rounds": ended, "jobs": fed, "lost": try await queue.lost(of: fed),
                    "doubled": try await queue.doubled(), "charged a crash": try await queue.count("crashes > 0"),
                    "all done within s": recovery.seconds,
                ])
            }
        }
    }

    /// Ends any of the worker's sessions; those of the test carry the database's name.
    private func endOneBackend(_ queue: ProbeQueue) async throws -> Int {
        try await queue.observer.execute(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name <> current_database()
                and backend_type = 'client backend'
            order by random() limit 1
            """
        )
        .count
    }

    @Test("are all half open is taken for dead, finds that out when it hears again, and works on")
    func halfOpen() async throws {
        let drill = Drill("R5")
        let (takeover, rounds) = (LongestSpan(), Drill.rounds(1, long: 10))
        for _ in 0..<rounds {
            try await withProbes { database, queue in
                let proxy = try Proxy(to: database.conninfo)
                defer { proxy.close() }
                try await withWorker("amenity-upkeep", on: proxy.database(database)) { deaf in
                    try await queue.enqueue(["sleep_ms": 300], count: 12)
                    try await queue.observer.wait(for: "exists (select from queue.job where state = 'running')")
                    // Open sockets through which nothing comes any more, neither way; what was sent arrives when it ends.
                    proxy.set(.stall)
                    try await withWorker("amenity-upkeep", on: database) { other in
                        try await takeover.measure { try await queue.waitUntilDrained() }
                        try await other.event("jobs rescued")
                        #expect(try await queue.exceptions() == [])
                    }
                    proxy.set(.forward)
                    #expect(deaf.isRunning)
                    let job = try await queue.enqueue([:])
                    try await queue.wait(for: job, toBe: "done")
                    try await expectEachDoneOnce(13, queue)
                }
            }
        }
        drill.report([
            "rounds": rounds, "jobs": rounds * 13, "lost": 0, "doubled": 0,
            "done by another within s": takeover.seconds,
        ])
    }
}

/// What every drill is about: nothing lost, nothing done twice.
func expectEachDoneOnce(_ enqueued: Int, _ queue: ProbeQueue) async throws {
    #expect(try await queue.count() == enqueued)
    #expect(try await queue.exceptions() == [])
    #expect(try await queue.lost(of: enqueued) == 0)
    #expect(try await queue.doubled() == 0)
}
