import Commands
import TestSupport
import Testing

/// A database that goes away and comes back under load.
@Suite("When the database is restarted under load", .needsPrograms, .timeLimit(.minutes(2)))
struct RestartTests {
    @Test(
        "calls get a result or database_unavailable, programs recover by themselves, nothing acknowledged is lost",
        .enabled(if: PrivateCluster.isAvailable, "a cluster of its own needs ./dev and PostgreSQL's programs")
    )
    func restart() async throws {
        try await withCluster { cluster in
            let database = cluster.database
            try await database.migrate()
            try await database.seed()
            try await withService(on: database) { service in
                try await withWorker("amenity-requests", on: database) { requests in
                    try await withWorker("amenity-upkeep", on: database) { upkeep in
                        try await enqueueProbes(on: database)
                        let load = Load(address: service.address)
                        async let running: Void = load.run(clients: 6)
                        try await pullThePlug(cluster, under: load)
                        load.stop()
                        try await running
                        #expect(load.unexpected == [])
                        for program in [service.program, requests, upkeep] { #expect(program.isRunning) }
                        try await expectNothingLost(of: load.acknowledged, on: database)
                        print("restarts: \(load.summary)")
                    }
                }
            }
        }
    }

    private func enqueueProbes(on database: TestDatabase) async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        try await ProbeQueue(observer: observer).enqueue(["sleep_ms": 60], count: 150)
    }

    /// Once as a power cut has it, once as an administrator does.
    private func pullThePlug(_ cluster: PrivateCluster, under load: Load) async throws {
        for stop in [cluster.crash, cluster.stop] {
            try await load.wait(forMore: 30) { $0.results }
            try await stop()
            try await load.wait(forMore: 12) { $0.unavailable }
            try await cluster.start()
            try await load.wait(forMore: 60) { $0.results }
        }
    }

    private func expectNothingLost(of acknowledged: [String], on database: TestDatabase) async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        #expect(acknowledged.count > 20)
        let list = acknowledged.map { "'\($0)'" }.joined(separator: ", ")
        let kept = try await observer.value("select count(*) from intake.request where id in (\(list))")
        #expect(kept == "\(acknowledged.count)")
        try await observer.wait(for: "not exists (select from queue.job where state not in ('done', 'dead'))")
        let open = try await observer.value("select count(*) from intake.request where status = 'received'")
        #expect(open == "0")
        #expect(try await ProbeQueue(observer: observer).exceptions() == [])
    }
}
