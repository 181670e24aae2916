import Testing

@testable import Commands

@Suite("A picture of the queue")
struct QueueFrameTests {
    /// A look with these workers, each as id, seconds since its heartbeat, done and failed.
    private static func look(
        at: Double,
        enqueued: Int,
        _ workers: [(id: Int, age: Double, done: Int, failed: Int)] = [],
        lanes: JSONValue = [],
        more: [JSONValue.Member] = []
    ) -> JSONValue {
        let rows = workers.map { worker -> JSONValue in
            [
                "id": .integer(worker.id), "program": "p", "host": "h", "pid": 1, "seen_s": .fraction(worker.age),
                "done": .integer(worker.done), "failed": .integer(worker.failed), "concurrency": 4, "kinds": ["probe"],
            ]
        }
        let look: JSONValue = [
            "at": "2026-11-24T10:05:04.123+00:00", "at_s": .fraction(at), "enqueued": .integer(enqueued),
            "lanes": lanes,
            "scheduled": 3, "dead": 10_000, "most_counted": 10_000, "workers": .array(rows),
            "generations": [["dead_rows": 1000, "generation": 0], ["dead_rows": 234, "generation": 1]],
        ]
        guard case .object(let members) = look else { return look }
        return .object(members + more)
    }

    @Test("rates are differences of two looks, a worker's from heartbeat to heartbeat")
    func rates() {
        var meter = QueueRateMeter()
        let first = meter.rates(of: Self.look(at: 100, enqueued: 50, [(1, 0.4, 10, 0), (2, 0.1, 1000, 5)]))
        #expect(first == QueueRates())
        #expect(first.done == nil)
        // The first worker's heartbeats lie half a second apart, the second's two.
        let second = meter.rates(of: Self.look(at: 102, enqueued: 150, [(1, 1.9, 20, 1), (2, 0.1, 1100, 5)]))
        #expect(second.enqueued == 50)
        #expect(abs((second.workers[1]?.done ?? 0) - 20) < 1e-6)
        #expect(abs((second.workers[1]?.failed ?? 0) - 2) < 1e-6)
        #expect(abs((second.done ?? 0) - 70) < 1e-6)
    }

    @Test("a worker without a new heartbeat keeps its rate, and one that is gone or new has none")
    func staleWorkers() {
        var meter = QueueRateMeter()
        _ = meter.rates(of: Self.look(at: 100, enqueued: 0, [(1, 0, 0, 0), (2, 0, 0, 0)]))
        let second = meter.rates(of: Self.look(at: 101, enqueued: 0, [(1, 0, 30, 0), (2, 0, 10, 0)]))
        #expect(second.done == 40)
        let third = meter.rates(of: Self.look(at: 101.2, enqueued: 0, [(1, 0.2, 30, 0), (3, 0, 999, 0)]))
        #expect(third.workers == [1: QueueRates.Work(done: 30, failed: 0)])
        #expect(third.enqueued == 0)
    }

    @Test("numbers that go back, as after a restart of the database, make no negative rate")
    func setBack() {
        var meter = QueueRateMeter()
        _ = meter.rates(of: Self.look(at: 100, enqueued: 500, [(1, 0, 70, 9)]))
        let rates = meter.rates(of: Self.look(at: 101, enqueued: 3, [(1, 0, 1, 0)]))
        #expect(rates == QueueRates(enqueued: 0, workers: [1: QueueRates.Work(done: 0, failed: 0)]))
        // The clock may be set too.
        #expect(meter.rates(of: Self.look(at: 50, enqueued: 4)).enqueued == nil)
        #expect(meter.rates(of: .null) == QueueRates())
    }

    @Test("tells what comes, what waits and who works")
    func text() {
        let lanes: JSONValue = [
            ["kind": "ghost", "park": .null, "waiting": 7, "running": 0, "oldest_s": .fraction(61.4), "workers": 0],
            [
                "kind": "probe", "park": "jx-de", "waiting": 10_000, "running": 2, "oldest_s": .fraction(3.04),
                "workers": 1,
            ],
        ]
        let look = Self.look(at: 1, enqueued: 0, [(1, 0.1, 0, 0)], lanes: lanes)
        let rates = QueueRates(enqueued: 1234.5, workers: [1: QueueRates.Work(done: 0.26, failed: 12)])
        let expected = """
            queue at 2026-11-24 10:05:04
            a second: enqueued 1,235, done 0.26, failed 12
            waiting 10,007+ (the oldest for 61 s), running 2, scheduled 3, dead 10,000+, dead rows 1,234
            warning: no worker handles the kind ghost, though jobs of it wait: 7. Start the program that does, or cancel them.

            kind   park   waiting  running  oldest
            ghost               7        0    61 s
            probe  jx-de  10,000+        2   3.0 s

            worker  program  host  pid  at once  done/s  failed/s  seen       kinds
                 1  p        h       1        4    0.26        12  0.1 s ago  probe
            """
        #expect(QueueFrame(look: look, rates: rates).text == expected)
    }

    @Test("as JSON it is the look with the rates, unknown ones null")
    func json() {
        let frame = QueueFrame(look: Self.look(at: 1, enqueued: 9), rates: QueueRates(enqueued: 1.0004))
        #expect(frame.json["per_second"].text == #"{"enqueued":1.0,"done":null,"failed":null}"#)
        #expect(frame.json["enqueued"] == 9)
    }

    private static let holders: [(JSONValue, String, String)] = [
        (
            [
                "what": "session", "name": "77", "program": "bob, psql", "age_s": 300, "state": "idle in transaction",
                "doing": "select 1",
            ],
            "warning: session 77 (bob, psql, idle in transaction, “select 1”) has held a snapshot for 5 min. ",
            "or: select pg_terminate_backend(77);"
        ),
        (
            ["what": "prepared transaction", "name": "it's", "program": "bob", "age_s": 3],
            "warning: prepared transaction it's (bob) has held a snapshot for 3.0 s. ", "rollback prepared 'it''s';"
        ),
        (
            ["what": "replication slot", "name": "standby"],
            "warning: replication slot standby has held a snapshot. ", "select pg_drop_replication_slot('standby');"
        ),
    ]

    @Test("says of who holds a snapshot how to end it", arguments: holders)
    func snapshots(_ holder: JSONValue, _ start: String, _ end: String) throws {
        let held = JSONValue.Member(name: "held_snapshots", value: .array([holder]))
        let conditions = QueueConditions(json: Self.look(at: 1, enqueued: 0, more: [held]))
        let warning = try #require(conditions.warnings(unhandled: []).first)
        #expect(warning.hasPrefix(start), "\(warning)")
        #expect(warning.hasSuffix(end), "\(warning)")
        #expect(warning.contains("1,234 dead rows"))
    }

    @Test(
        "numbers and ages are short",
        arguments: [
            (0, "0"), (0.26, "0.26"), (0.0004, "0.0004"), (9.96, "10"), (12.34, "12.3"), (99.99, "100"),
            (1234.5, "1,235"),
            (1e300, "1e+300"), (-3, "-3"),
        ]
    )
    func shortNumbers(_ value: Double, _ text: String) { #expect(value.shortText == text) }

    @Test(arguments: [
        (-1, "0.0 s"), (0.04, "0.0 s"), (9.94, "9.9 s"), (59.6, "60 s"), (300, "5 min"), (86_400, "24 h"),
        (259_200, "3 d"), (Double.infinity, "1000000000 d"),
    ])
    func ages(_ seconds: Double, _ text: String) { #expect(seconds.ageText == text) }

    @Test(arguments: [
        (0, "0"), (999, "999"), (-1000, "-1,000"), (1_234_567, "1,234,567"), (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func grouped(_ value: Int, _ text: String) { #expect(value.grouped == text) }

    @Test(arguments: [(0, "0 B"), (1023, "1,023 B"), (57_344, "56 KiB"), (1_500_000_000, "1.4 GiB")])
    func sizes(_ bytes: Int, _ text: String) { #expect(bytes.bytesText == text) }
}

@Suite("A screen")
struct ScreenTests {
    @Test("shows what fits, on one line each, without what strangers would have the terminal do")
    func fitted() {
        let lines = ["short", "wider than that", "\u{1B}[2Jevil\nname", "four"].map { Screen.Line(text: $0) }
        let shown = Screen.fitted(lines, columns: 10, rows: 3)
        #expect(shown.map(\.text) == ["short", "wider tha…", "… 2 more …"])
        #expect(Screen.fitted(lines, columns: 20, rows: 9)[2].text == "\u{FFFD}[2Jevil name")
        #expect(Screen.fitted(lines, columns: 1, rows: 1).map(\.text) == ["…"])
    }

    @Test(
        "keys that ask for an end, and others",
        arguments: [
            ([0x71], "quit"), ([0x51], "quit"), ([0x03], "interrupt"), ([0x71, 0x03], "interrupt"), ([], "quit"),
            ([0x1B, 0x5B, 0x41], nil), ([0x0D], nil),
        ] as [([UInt8], String?)]
    )
    func keys(_ keys: [UInt8], _ wish: String?) { #expect(Screen.wish(in: keys).map { "\($0)" } == wish) }
}
