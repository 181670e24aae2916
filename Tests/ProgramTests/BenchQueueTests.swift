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

    @Test(
        "does every job once in each mode, and leaves no database behind",
        arguments: [
            ["--mode", "drain", "--jobs", "300"],
            ["--mode", "drain", "--jobs", "300", "--processes", "2", "--concurrency", "8"],
            ["--mode", "effect", "--jobs", "300"],
            ["--mode", "mixed", "--rate", "200", "--seconds", "1"],
            ["--mode", "latency", "--rate", "100", "--seconds", "1"],
        ]
    )
    func modes(arguments: [String]) async throws {
        try await withDatabase { database in
            let report = try await bench(database, arguments)
            let jobs = try #require(report["jobs"].int)
            #expect(jobs >= 100)
            #expect(report["done"].int == jobs)
            #expect(report["lost"].int == 0)
            #expect(report["doubled"].int == 0)
            #expect(report["mode"].string == arguments[1])
            for figure in ["seconds", "jobs_per_second", "wal_bytes_per_job", "dead_tuples"] {
                #expect((report[figure].double ?? 0) > 0, "\(figure)")
            }
            #expect(report["pickup_ms"]["p50"].double != nil && report["pickup_ms"]["p99"].double != nil)
            let observer = try await database.observer()
            defer { observer.close() }
            // The bench's database had workers of its own; ours was never touched.
            #expect(try await observer.value("select to_regclass('queue.live') is null") == "t")
        }
    }
}
