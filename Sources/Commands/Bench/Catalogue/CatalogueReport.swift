/// What the catalogue's bench found.
struct CatalogueReport {
    /// The nearest of a category within 10 km, calls a second.
    var nearest = Figures()
    var nearestLatency = Latencies()
    /// The hand-written statement, the same.
    var handWritten = Figures()
    var words = Latencies()
    var suggestions = Latencies()

    private var ratio: Double {
        handWritten.median > 0 ? (nearest.median / handWritten.median * 100).rounded() / 100 : 0
    }

    var json: JSONValue {
        [
            "bench": "catalogue", "nearest": nearest.json("calls_per_second"),
            "nearest_ms": Self.json(nearestLatency), "hand_written": handWritten.json("calls_per_second"),
            "nearest_to_hand_written": .fraction(ratio), "words_ms": Self.json(words),
            "suggest_ms": Self.json(suggestions),
        ]
    }

    var text: String {
        func row(_ name: String, _ latencies: Latencies) -> [String] {
            [name] + [0.5, 0.95, 0.99, 1].map { "\(latencies.milliseconds($0))" } + ["\(latencies.taken.count)"]
        }
        let table = TextTable(
            headings: ["ms", "p50", "p95", "p99", "max", "calls"],
            rows: [row("nearest", nearestLatency), row("words", words), row("suggest", suggestions)],
            rightAligned: [1, 2, 3, 4, 5]
        )
        return table.text + "\nnearest of a category: \(Int(nearest.median))/s, hand-written by pgbench: "
            + "\(Int(handWritten.median))/s, ratio \(ratio)"
    }

    private static func json(_ latencies: Latencies) -> JSONValue {
        [
            "p50": .fraction(latencies.milliseconds(0.5)), "p95": .fraction(latencies.milliseconds(0.95)),
            "p99": .fraction(latencies.milliseconds(0.99)), "max": .fraction(latencies.milliseconds(1)),
            "calls": .integer(latencies.taken.count),
        ]
    }
}
