import Commands
import Postgres
import TestSupport
import Testing

/// `amenity bench queue` from the outside; what it finds is its own business, but it must be whole.
@Suite("The queue's bench", .needsPrograms, .timeLimit(.minutes(2)))
struct BenchQueueTests {
    private func bench(_ database: TestDatabase, _ arguments: [String]) async throws -> JSONValue {
        try await withProgram(
            "amenity",
            ["bench", "queue", "--allow-debug", "--json"] + arguments,
            environment: ["AMENITY_DATABASE": database.configuration.connectionString]
        ) { program in
            #expect(try await program.ended(within: .seconds(90)) == .exit(0), "\(program.log.lines)")
            return try JSONValue(parsing: program.output.lines.joined().utf8)
        }
    }

    /// What the contract promises of every mode.
    private func check(_ report: JSONValue, mode: String) {
        #expect(report["mode"].string == mode)
        #expect(report["done"].int == report["jobs"].int)
        #expect(report["lost"].int == 0)
        #expect(report["doubled"].int == 0)
        for figure in ["seconds", "jobs_per_second", "wal_bytes_per_job", "hot_table_bytes"] {
            #expect((report[figure].double ?? 0) > 0, "\(figure)")
        }
        #expect(report["dead_tuples"].int != nil)
        // The server of the tests is on this machine. How much, nobody can say of so few jobs: other tests' sessions end
        // meanwhile, and the kernel counts those that have ended in hundredths.
        #expect(report["cpu_seconds"]["postgres"].double != nil)
        #expect(report["cpu_seconds"]["clients"].double != nil)
    }

    @Test(
        "does every job once in each mode, and leaves no database behind",
        arguments: [
            ["--mode", "drain", "--jobs", "300"],
            ["--mode", "drain", "--jobs", "300", "--processes", "2", "--concurrency", "9", "--payload", #"{"a":"'"}"#],
            ["--mode", "effect", "--jobs", "300"],
            ["--mode", "effect", "--jobs", "300", "--ungrouped"],
            ["--mode", "mixed", "--rate", "200", "--seconds", "1"],
            ["--mode", "latency", "--rate", "100", "--seconds", "1"],
        ]
    )
    func work(arguments: [String]) async throws {
        try await withDatabase { database in
            let report = try await bench(database, arguments)
            check(report, mode: arguments[1])
            #expect((report["jobs"].int ?? 0) >= 100)
            #expect((report["dead_tuples"].int ?? 0) > 0)
            #expect(report["pickup_ms"]["p50"].double != nil && report["pickup_ms"]["p99"].double != nil)
            let observer = try await database.observer()
            defer { observer.close() }
            // The bench's database had workers of its own; ours was never touched.
            #expect(try await observer.value("select to_regclass('queue.live') is null") == "t")
        }
    }

    @Test(
        "puts every job in once",
        arguments: [
            ["--mode", "enqueue", "--jobs", "203", "--concurrency", "4"],
            ["--mode", "enqueue", "--jobs", "203", "--concurrency", "4", "--transaction"],
            ["--mode", "bulk", "--jobs", "1203", "--concurrency", "2", "--batch", "100"],
        ]
    )
    func enqueue(arguments: [String]) async throws {
        try await withDatabase { database in
            let report = try await bench(database, arguments)
            check(report, mode: arguments[1])
            #expect(report["pickup_ms"]["p50"] == .null)
        }
    }

    @Test(
        "compares with a run under a held snapshot, under which nothing that died is vacuumed",
        arguments: ["idle", "read"]
    )
    func snapshot(kind: String) async throws {
        try await withDatabase { database in
            let report = try await bench(
                database,
                ["--mode", "mixed", "--rate", "500", "--seconds", "4", "--hold-snapshot", kind]
            )
            check(report, mode: "mixed")
            #expect(report["snapshot"]["held"].string == kind)
            #expect((report["snapshot"]["jobs_per_second_without"].double ?? 0) > 0)
            #expect((report["snapshot"]["last_third_ratio"].double ?? 0) > 0)
            // A claim and an end leave one dead row each, at the least.
            #expect((report["dead_tuples"].int ?? 0) >= 2 * (report["jobs"].int ?? .max))
            #expect((report["series"]["last_third"]["pickup_p99_ms"].double ?? 0) > 0)
            let seconds = report["series"]["jobs_in_second"].elements
            #expect(seconds.compactMap(\.int).reduce(0, +) == report["jobs"].int)
        }
    }

    @Test("tells what idle workers cost")
    func idle() async throws {
        try await withDatabase { database in
            let report = try await bench(database, ["--mode", "idle", "--processes", "2", "--seconds", "1"])
            #expect(report["jobs"].int == 0)
            #expect((report["idle_percent_of_core"]["workers"].double ?? 0) > 0)
            #expect((report["idle_percent_of_core"]["total"].double ?? 0) > 0)
        }
    }

    @Test(
        "refuses what makes no sense",
        arguments: [
            ["--jobs", "0"], ["--concurrency", "2", "--processes", "3"], ["--payload", "{"],
            ["--mode", "bulk", "--hold-snapshot", "idle"],
        ]
    )
    func refusals(arguments: [String]) async throws {
        let ended = try await run(
            "amenity",
            ["bench", "queue", "--allow-debug", "--database", "host=/nowhere"] + arguments
        )
        #expect(ended.ending == .exit(2), "\(ended.errors)")
    }
}
