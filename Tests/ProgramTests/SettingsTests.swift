import TestSupport
import Testing

/// What the programs say to whoever starts them.
@Suite("Whoever starts a program", .needsPrograms, .timeLimit(.minutes(1)))
struct SettingsTests {
    private static let programs = ["amenityd", "amenity-requests", "amenity-feedback", "amenity-upkeep"]

    @Test("is told its switches and its version", arguments: programs)
    func help(_ name: String) async throws {
        let help = try await run(name, ["--help"])
        #expect(help.ending == .exit(0))
        #expect(help.errors == [])
        #expect(help.output.first?.hasPrefix("\(name): ") == true)
        #expect(help.output.contains { $0.contains("--database CONNINFO") })
        let version = try await run(name, ["--version"])
        #expect(version.ending == .exit(0))
        #expect(version.output.count == 1)
        #expect(version.output.first?.hasPrefix("\(name) ") == true)
    }

    /// Settings that cannot be used, and the words that have to be in the one line about them.
    private static let mistakes: [(program: String, arguments: [String], words: [String])] = [
        ("amenityd", ["--databse", "dbname=x"], ["--databse", "did you mean --database?"]),
        ("amenity-upkeep", ["--concurency", "3"], ["--concurency", "did you mean --concurrency?"]),
        ("amenityd", ["--frobnicate"], ["--frobnicate", "--help"]),
        ("amenityd", ["database"], ["database", "--help"]),
        ("amenityd", [], ["--database", "AMENITY_DATABASE"]),
        ("amenity-requests", [], ["--database", "AMENITY_DATABASE"]),
        ("amenityd", ["--database"], ["--database", "needs a value"]),
        ("amenityd", ["--database", "dbname=x", "--listen", "7411"], ["7411", "HOST:PORT"]),
        ("amenityd", ["--database", "dbname=x", "--listen", "127.0.0.1:70000"], ["70000", "HOST:PORT"]),
        ("amenityd", ["--database", "dbname=x", "--admin-listen", "nowhere"], ["nowhere", "HOST:PORT"]),
        (
            "amenityd", ["--database", "dbname=x", "--listen", "0.0.0.0:7411"],
            ["0.0.0.0:7411", "not encrypted", "--allow-plaintext"]
        ),
        (
            "amenityd", ["--database", "dbname=x", "--tls-listen", "127.0.0.1:0"],
            ["tls-listen", "--tls-certificate", "--tls-key"]
        ),
        ("amenityd", ["--database", "dbname=x", "--tls-key", "/k"], ["tls-key", "without tls-listen"]),
        (
            "amenityd",
            [
                "--database", "dbname=x", "--tls-listen", "127.0.0.1:0", "--tls-certificate", "/nonexistent",
                "--tls-key",
                "/nonexistent",
            ], ["tls-certificate", "/nonexistent"]
        ),
        ("amenityd", ["--database", "dbname=x", "--log-level", "loud"], ["loud", "info"]),
        ("amenityd", ["--database", "dbname=x", "--hot-answers", "-1"], ["hot-answers", "-1", "0 to 65536"]),
        ("amenity-upkeep", ["--database", "dbname=x", "--concurrency", "0"], ["concurrency", "1", "256"]),
        ("amenity-upkeep", ["--database", "dbname=x", "--concurrency", "many"], ["concurrency", "many"]),
        ("amenityd", ["--database", "dbname=x", "--config", "/nonexistent.json"], ["configuration file"]),
    ]

    @Test("is told in one line what is wrong with a setting, and nothing runs", arguments: mistakes.indices)
    func mistake(_ index: Int) async throws {
        let mistake = Self.mistakes[index]
        let outcome = try await run(mistake.program, mistake.arguments)
        #expect(outcome.ending == .exit(2))
        #expect(outcome.output == [])
        let line = try #require(outcome.errors.first)
        #expect(outcome.errors.count == 1, "\(outcome.errors)")
        #expect(line.hasPrefix("\(mistake.program): "))
        for word in mistake.words { #expect(line.contains(word), "\(line)") }
    }

    @Test(
        "is told that a connection string cannot be read, without its password",
        arguments: [
            "host=/tmp port", "host=/tmp colour=green password=geheim", "host='/tmp", "postgresql://[::1/x",
            "postgresql://amenity:geheim@[::1/x", "password=streng geheim", "postgresql://localhost/x?geheim",
        ]
    )
    func connectionString(_ text: String) async throws {
        for name in ["amenityd", "amenity-upkeep"] {
            let outcome = try await run(name, ["--database", text, "--admin-listen", "127.0.0.1:0"])
            #expect(outcome.ending == .exit(2))
            #expect(outcome.errors.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.first?.contains("database") == true)
            #expect(outcome.errors.first?.contains("geheim") == false)
        }
    }

    @Test("is told of a flag in the environment that says neither yes nor no")
    func flag() async throws {
        let outcome = try await run(
            "amenity-upkeep",
            ["--database", "dbname=x"],
            environment: ["AMENITY_POLL_ONLY": "perhaps"]
        )
        #expect(outcome.ending == .exit(2))
        #expect(outcome.errors == ["amenity-upkeep: poll-only has to be true or false"])
    }

    @Test("may set everything by the environment, and switches win over it")
    func environment() async throws {
        let outcome = try await run(
            "amenityd",
            ["--admin-listen", "nowhere"],
            environment: ["AMENITY_DATABASE": "dbname=x", "AMENITY_ADMIN_LISTEN": "elsewhere"]
        )
        #expect(outcome.ending == .exit(2))
        #expect(outcome.errors.first?.contains("nowhere") == true, "\(outcome.errors)")
    }
}
