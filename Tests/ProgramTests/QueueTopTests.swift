import Commands
import Glibc
import TestSupport
import Testing

/// `amenity queue top`, on a terminal and without one.
@Suite("The live view of the queue", .needsPrograms, .timeLimit(.minutes(1)))
struct QueueTopTests {
    private static func arguments(_ database: TestDatabase, _ more: [String] = []) -> [String] {
        ["queue", "top", "--interval", "0.1", "--database", database.conninfo.text] + more
    }

    private static let enter = "\u{1B}[?1049h"
    private static let leave = "\u{1B}[?25h\u{1B}[?1049l"

    @Test(
        "is drawn on a terminal, and leaves it as it was",
        arguments: [("q", 0), ("\u{3}", 130), ("TERM", 130), ("HUP", 130)] as [(String, Int32)]
    )
    func terminal(_ wish: String, _ status: Int32) async throws {
        try await withProbes { database, probes in
            try await probes.observer.execute("select queue.enqueue('gh' || chr(27) || 'ost', '{}')")
            let terminal = try PseudoTerminal()
            let before = terminal.settings
            let environment = ["TERM": "xterm"]
            try await withProgram("amenity", Self.arguments(database), environment: environment, terminal: terminal) {
                top in
                let first = try await terminal.screen.first("a picture") { $0.contains("a second: ") }
                // And another, so that it is redrawn.
                _ = try await terminal.screen.first("a picture", from: first.index + 1) { $0.contains("a second: ") }
                #expect(terminal.settings != before, "keys come at once and are not shown")
                switch wish {
                case "TERM": top.send(SIGTERM)
                case "HUP": top.send(SIGHUP)
                default: terminal.type("x\u{1B}[A" + wish)
                }
                #expect(try await top.ended() == .exit(status))
            }
            #expect(terminal.settings == before)
            try await terminal.end()
            let drawn = terminal.screen.lines.joined(separator: "\n")
            #expect(drawn.components(of: Self.enter) == 1 && drawn.components(of: Self.leave) == 1)
            #expect(drawn.hasSuffix(Self.leave))
            #expect(drawn.contains("no worker handles the kind gh\u{FFFD}ost"))
        }
    }

    @Test("comes as plain text where there is no terminal, until the reader has enough")
    func plain() async throws {
        try await withProbes { database, probes in
            try await withProgram("amenity", Self.arguments(database)) { top in
                let first = try await top.output.first("a picture") { $0.hasPrefix("queue at ") }
                try await probes.enqueue([:], count: 3)
                _ = try await top.output.first("a new picture", from: first.index) { $0.hasPrefix("waiting 3 ") }
                top.send(SIGINT)
                #expect(try await top.ended() == .signal(SIGINT))
                #expect(!top.output.lines.joined().contains("\u{1B}"))
            }
        }
    }

    @Test("comes once, with rates, a worker's pace and what it did")
    func once() async throws {
        try await withProbes { database, probes in
            try await withWorker("amenity-upkeep", on: database) { _ in
                try await probes.enqueue(["sleep_ms": 20_000], count: 2)
                try await probes.observer.wait(for: "(select count(*) from queue.job where state = 'running') = 2")
                let outcome = try await run("amenity", Self.arguments(database, ["--once"]))
                #expect(outcome.ending == .exit(0))
                #expect(outcome.output.count { $0.hasPrefix("queue at ") } == 1)
                #expect(outcome.output[1].hasPrefix("a second: enqueued 0, done "), "\(outcome.output)")
                #expect(outcome.output.contains { $0.hasPrefix("waiting 0, running 2, ") }, "\(outcome.output)")
                #expect(outcome.output.contains { $0.contains("amenity-upkeep") && $0.contains("probe") })
                let json = try await run("amenity", Self.arguments(database, ["--once", "--json"]))
                #expect(json.output.count == 1)
                let look = try JSONValue(parsing: (json.output.first ?? "").utf8)
                #expect(look["per_second"]["enqueued"].double == 0)
                #expect(look["lanes"].elements.first?["running"] == 2)
            }
        }
    }

    @Test("says so when the database goes away, and goes on when it is back")
    func trouble() async throws {
        try await withProbes { database, probes in
            try await withProgram("amenity", Self.arguments(database)) { top in
                let first = try await top.output.first("a picture") { $0.hasPrefix("queue at ") }
                try await probes.observer.execute("alter table queue.rotation rename to gone")
                _ = try await top.log.first("a complaint") { $0.contains("Trying again") }
                try await probes.observer.execute("alter table queue.gone rename to rotation")
                _ = try await top.output.first("a picture", from: top.output.lines.count) { $0.hasPrefix("queue at ") }
                #expect(top.isRunning && first.index == 0)
            }
        }
    }
}

extension String {
    /// How often the words stand in it.
    fileprivate func components(of words: String) -> Int { ranges(of: words).count }
}
