import Commands
import TestSupport
import Testing

/// `amenity bench service` from the outside; how fast, is its own business.
@Suite("The service's bench", .needsPrograms, .seededDatabase, .timeLimit(.minutes(2)))
struct BenchServiceTests {
    private func bench(_ address: String, _ arguments: [String]) async throws -> JSONValue {
        let ended = try await run(
            "amenity",
            ["bench"] + arguments + ["--allow-debug", "--json", "--seconds", "1", "--server", address]
        )
        #expect(ended.ending == .exit(0), "\(ended.errors)")
        return try JSONValue(parsing: ended.output.joined().utf8)
    }

    @Test("counts answers and waits of pings and look-ups, in and out of order")
    func load() async throws {
        try await withService(on: try TestDatabase.required()) { service in
            // The first search reads the vocabulary, for longer than a bench of a second lasts on a busy machine.
            try await withClient(service.address) { client in
                while try await !client.call("amenities.search", ["park": "jx-jp"]).isResult {}
            }
            for (arguments, method) in [
                (["service"], "system.ping"), (["service", "--connections", "3", "--pipeline", "16"], "system.ping"),
                (["lookup", "--connections", "2", "--pipeline", "4"], "amenities.search"),
                (["service", "--method", "parks.get", "--params", #"{"park":"jx-jp"}"#], "parks.get"),
            ] {
                let report = try await bench(service.address, arguments)
                #expect(report["method"].string == method)
                #expect((report["requests"].int ?? 0) > 0, "\(report.text)")
                #expect(report["errors"].int == 0, "\(report.text)")
                let waits = try ["p50", "p95", "p99", "max"].map { try #require(report["ms"][$0].double) }
                #expect(waits == waits.sorted() && waits[0] > 0, "\(waits)")
                // Every wait is one of an answer, and all of them together can't be longer than all connections had.
                let all = (report["requests"].double ?? 0) * waits[0] / 2 / 1000
                let had = (report["seconds"].double ?? 0) * (report["connections"].double ?? 0)
                #expect(all <= had * (report["pipeline"].double ?? 0) * 1.1, "\(report.text)")
            }
        }
    }

    @Test("tells of errors, and what the first was")
    func errors() async throws {
        try await withService(on: try TestDatabase.required()) { service in
            let report = try await bench(service.address, ["service", "--method", "no.such"])
            #expect((report["errors"].int ?? 0) > 0)
            #expect(report["errors"] == report["requests"])
            #expect(report["first_error"].string?.contains("-32601") == true)
        }
    }

    @Test("refuses what makes no sense, and says when nobody is there")
    func refusals() async throws {
        for arguments in [["--connections", "0"], ["--params", "{"], ["--params", "[]"], ["--server", "nowhere"]] {
            let ended = try await run("amenity", ["bench", "service", "--allow-debug"] + arguments)
            #expect(ended.ending == .exit(2), "\(arguments): \(ended.errors)")
        }
        let ended = try await run("amenity", ["bench", "service", "--allow-debug", "--server", "127.0.0.1:1"])
        #expect(ended.ending == .exit(6), "\(ended.errors)")
    }
}
