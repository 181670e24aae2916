import Configuration
import Logging
import Synchronization
import Testing

@testable import Service

@Suite("Settings and logs of a program")
struct ProgramTests {
    @Test("Switches are read as they are meant")
    func switches() throws {
        let values = try SwitchValues(
            ["--database", "host=a,b dbname=x", "--listen=[::1]:0", "--allow-plaintext", "--config", "f.json"],
            known: ServiceConfiguration.switches + ProgramConfiguration.switches
        )
        let config = ConfigReader(provider: InMemoryProvider(values: values.values))
        #expect(config.string(forKey: "database") == "host=a,b dbname=x")
        #expect(config.bool(forKey: "allow-plaintext") == true)
        #expect(values.file == "f.json")
        #expect(try ServiceConfiguration(config: config).listen.description == "[::1]:0")
    }

    @Test(
        "What cannot be meant is refused with a reason",
        arguments: [
            (["--lisen", "x"], "did you mean --listen?"), (["--database"], "needs a value"), (["x"], "not a switch"),
            (["--concurrency", "many"], "takes a whole number"), (["--allow-plaintext=perhaps"], "without a value"),
        ]
    )
    func refusals(_ arguments: [String], _ reason: String) {
        let known =
            ServiceConfiguration.switches + ProgramConfiguration.switches + [Switch("concurrency", .integer, "")]
        #expect {
            _ = try SwitchValues(arguments, known: known)
        } throws: {
            "\($0)".contains(reason)
        }
    }

    @Test("Off loopback needs a word", arguments: [("127.0.0.1:1", true), ("[::1]:1", true), ("0.0.0.0:1", false)])
    func plaintext(_ address: String, _ isAllowed: Bool) {
        let values: [AbsoluteConfigKey: ConfigValue] = ["listen": ConfigValue(.string(address), isSecret: false)]
        let config = ConfigReader(provider: InMemoryProvider(values: values))
        #expect(((try? ServiceConfiguration(config: config)) != nil) == isAllowed)
    }

    @Test(
        "Addresses",
        arguments: [
            ("a:1", "a:1"), ("[::1]:2", "[::1]:2"), ("::1:2", nil), (":1", nil), ("a:x", nil), ("a:65536", nil),
        ] as [(String, String?)]
    )
    func addresses(_ text: String, _ description: String?) { #expect(ListenAddress(text)?.description == description) }

    @Test("A log line is one JSON object")
    func logLine() {
        let lines = Mutex<[String]>([])
        var logger = Logger(label: "test") { label in
            JSONLinesHandler(label: label, level: .info, now: { 0 }) { bytes in
                lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
        }
        logger[metadataKey: "conn"] = "7"
        logger.debug("unseen")
        logger.info("said \"so\"\n", metadata: ["b": ["x", "y"], "a": ["k": "v"]])
        #expect(
            lines.withLock(\.self) == [
                #"{"ts":"1970-01-01T00:00:00.000Z","lvl":"info","ev":"said \"so\"\n","program":"test","#
                    + #""a":{"k":"v"},"b":["x","y"],"conn":"7"}"# + "\n"
            ]
        )
    }

    @Test("Above 200 calls a second one in twenty is logged, failures and slow ones always")
    func sampling() {
        let log = RequestLog(Logger(label: "test") { _ in JSONLinesHandler(label: "", level: .info, write: { _ in }) })
        let logged = (0..<2200).count { _ in log.wants(microseconds: 10, error: nil, second: 5) }
        #expect(logged == 200 + 2000 / 20)
        #expect(log.wants(microseconds: 10, error: nil, second: 6))
        for _ in 0..<300 { _ = log.wants(microseconds: 10, error: nil, second: 6) }
        #expect(log.wants(microseconds: 300_000, error: nil, second: 6))
        #expect(log.wants(microseconds: 10, error: .databaseUnavailable, second: 6))
        let quiet = RequestLog(
            Logger(label: "test") { _ in JSONLinesHandler(label: "", level: .warning, write: { _ in }) }
        )
        #expect(!quiet.wants(microseconds: 10, error: .internalError, second: 5))
    }
}
