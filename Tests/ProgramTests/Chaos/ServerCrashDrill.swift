import Commands
import Synchronization
import TestSupport
import Testing

/// A server that loses its power again and again.
@Suite("When the server crashes under load", .needsPrograms, .drillLimit)
struct ServerCrashDrill {
    @Test(
        "every committed job is done once, and no worker gives up",
        .enabled(if: PrivateCluster.isAvailable, "a cluster of its own needs ./dev and PostgreSQL's programs")
    )
    func crashes() async throws {
        let drill = Drill("R4")
        let (recovery, rounds) = (LongestSpan(), Drill.rounds(2, long: 20))
        try await withCluster { cluster in
            let database = cluster.database
            try await database.migrate()
            try await withWorker("amenity-upkeep", on: database) { first in
                try await withWorker("amenity-upkeep", on: database) { second in
                    let producer = Producer()
                    async let produced: Void = producer.run(on: cluster)
                    for _ in 0..<rounds {
                        try await cluster.crashUnderLoad(producer, recovery)
                    }
                    producer.stop()
                    try await produced
                    #expect(first.isRunning && second.isRunning)
                    try await check(producer.committed, cluster, drill, rounds, recovery)
                }
            }
        }
    }

    private func check(
        _ committed: [String],
        _ cluster: PrivateCluster,
        _ drill: Drill,
        _ rounds: Int,
        _ recovery: LongestSpan
    ) async throws {
        let observer = try await cluster.observer()
        defer { observer.close() }
        let queue = ProbeQueue(observer: observer)
        try await queue.waitUntilDrained()
        #expect(committed.count > rounds * 20)
        let list = "array[\(committed.joined(separator: ","))]::bigint[]"
        let lost = try await observer.execute(
            "select id from unnest(\(list)) as id where not exists (select from queue.probe_effect where job = id)"
        )
        #expect(lost == [])
        #expect(try await queue.exceptions() == [])
        drill.report([
            "rounds": rounds, "jobs": try await queue.count(), "of them acknowledged": committed.count,
            "lost": lost.count, "doubled": try await queue.doubled(), "working again within s": recovery.seconds,
        ])
    }
}

extension PrivateCluster {
    /// Pulls the plug while jobs are put in and done, and waits until they are again.
    fileprivate func crashUnderLoad(_ producer: Producer, _ recovery: LongestSpan) async throws {
        try await producer.wait(forMore: 25)
        try await crash()
        try await start()
        try await recovery.measure {
            let observer = try await observer()
            defer { observer.close() }
            let done = try await observer.value("select count(*) from queue.probe_effect") ?? ""
            try await observer.wait(for: "(select count(*) from queue.probe_effect) > \(done)")
        }
    }
}

/// Enqueues probes one by one, through every crash, and remembers those whose commit was acknowledged.
private final class Producer: Sendable {
    private let acknowledged = Mutex<[String]>([])
    private let isOver = Flag()
    /// A line a commit, on which others may wait.
    private let commits = Transcript()

    var committed: [String] { acknowledged.withLock { $0 } }

    func stop() { isOver.raise() }

    func wait(forMore count: Int) async throws {
        var place = commits.lines.count
        for _ in 0..<count {
            place = try await commits.first("another commit", from: place, within: .seconds(60)).index + 1
        }
    }

    func run(on cluster: PrivateCluster) async throws {
        var session: ServerObserver?
        defer { session?.close() }
        while !isOver.isRaised {
            try Task.checkCancellation()
            do {
                let open: ServerObserver
                if let session { open = session } else { open = try await cluster.observer() }
                session = open
                let id = try await open.value("select id from queue.enqueue('probe', '{\"sleep_ms\": 20}')")
                acknowledged.withLock { $0.append(id ?? "") }
                commits.add("")
                try await open.execute("select pg_sleep(0.005)")
            } catch {
                session?.close()
                session = nil
                // Refused connections come back at once.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
