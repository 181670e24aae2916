import Commands
import TestSupport
import Testing

/// Programs that come up before their database.
@Suite("While the database is down", .needsPrograms, .timeLimit(.minutes(2)))
struct DatabaseDownTests {
    @Test(
        "programs that are started wait, say so once a try, live without being ready, and serve once it is up",
        .enabled(if: PrivateCluster.isAvailable, "a cluster of its own needs ./dev and PostgreSQL's programs")
    )
    func start() async throws {
        try await withCluster { cluster in
            let database = cluster.database
            try await database.migrate()
            try await database.seed()
            try await cluster.stop()
            try await withProgram(
                "amenityd",
                switches(database, ["--listen", "127.0.0.1:0", "--limits-exempt", "127.0.0.1"])
            ) { service in
                try await withProgram("amenity-requests", switches(database)) { worker in
                    for program in [service, worker] { try await expectWaiting(program) }
                    #expect(!service.log.lines.contains { $0.contains("\"ev\":\"listening\"") })
                    try await cluster.start()
                    try await expectService(LiveService(service), worker)
                }
            }
        }
    }

    private func expectWaiting(_ program: RunningProgram) async throws {
        let admin = try await program.event("admin listening").event["address"].string ?? ""
        let first = try await program.event("waiting for the database")
        #expect(first.event["lvl"].string == "warning")
        #expect(first.event["error"].string?.isEmpty == false)
        #expect(try await adminGet("/live", of: admin).status == 200)
        let ready = try await adminGet("/ready", of: admin)
        #expect(ready.status == 503)
        #expect(ready.body == "not ready: the database can't be reached")
        // One line a try and about one try a second: no flood, and no silence either.
        let second = try await program.event("waiting for the database", from: first.index + 1)
        try await program.event("waiting for the database", from: second.index + 1)
        let stamps = try program.events("waiting for the database").compactMap { $0["ts"].string.flatMap(Stamp.init) }
        let span = (stamps.last?.seconds ?? 0) - (stamps.first?.seconds ?? 0)
        #expect(stamps.count >= 3)
        #expect(Double(stamps.count - 1) * 0.9 <= span, "\(stamps.count) tries within \(span) s")
        #expect(program.isRunning)
    }

    private func expectService(_ service: LiveService, _ worker: RunningProgram) async throws {
        for program in [service.program, worker] { try await program.event("database ready") }
        #expect(try await adminGet("/ready", of: service.admin).status == 200)
        try await withClient(service.address) { client in
            #expect(try await client.call("parks.list").result?["items"].elements.isEmpty == false)
            let receipt = try await client.call("requests.submit", ["text": "A hospital, please", "park": "jx-jp"])
            let key: JSONValue = ["id": receipt.json["result"]["id"], "secret": receipt.json["result"]["secret"]]
            while try await client.call("requests.get", key).result?["status"].string == "received" {
                try Task.checkCancellation()
            }
        }
    }
}

/// The time of day in a log line's `ts`, as seconds.
private struct Stamp {
    let seconds: Double

    init?(_ text: String) {
        let parts = text.split(separator: "T").last?.dropLast().split(separator: ":").compactMap { Double($0) } ?? []
        guard parts.count == 3 else { return nil }
        seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    }
}
