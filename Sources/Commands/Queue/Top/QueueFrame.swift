/// One picture of the queue, for `amenity queue top`.
struct QueueFrame {
    /// An object as of ``QueueInspector/look(until:)``.
    let look: JSONValue
    let rates: QueueRates

    private var lanes: [JSONValue] { look["lanes"].elements }
    private var mostCounted: Int { look["most_counted"].int ?? .max }

    /// As lines of a terminal.
    var lines: [Screen.Line] {
        let conditions = QueueConditions(json: look)
        var lines = [
            Screen.Line(text: "queue at \(look["at"].time)", isStrong: true)
        ]
        lines += [Screen.Line(text: flow), Screen.Line(text: stock(conditions))]
        lines += conditions.warnings(unhandled: unhandled).map { Screen.Line(text: $0, isStrong: true) }
        for table in [table, conditions.workers(rates: rates.workers), conditions.caps, conditions.pauses] {
            guard let table else { continue }
            lines.append(Screen.Line(text: ""))
            let rows = table.text.split(separator: "\n", omittingEmptySubsequences: false)
            lines += rows.enumerated().map { Screen.Line(text: String($1), isStrong: $0 == 0) }
        }
        return lines
    }

    /// As plain text.
    var text: String { lines.map(\.text).joined(separator: "\n") }

    /// As JSON: the look with the rates.
    var json: JSONValue {
        func optional(_ rate: Double?) -> JSONValue { rate.map { .fraction(($0 * 1000).rounded() / 1000) } ?? .null }
        let members: JSONValue = [
            "enqueued": optional(rates.enqueued), "done": optional(rates.done), "failed": optional(rates.failed),
        ]
        guard case .object(let rest) = look else { return look }
        return .object([JSONValue.Member(name: "per_second", value: members)] + rest)
    }

    // MARK: Private

    /// What happens in a second.
    private var flow: String {
        let rates = [("enqueued", rates.enqueued), ("done", rates.done), ("failed", rates.failed)]
        return "a second: " + rates.map { "\($0) \($1?.shortText ?? "-")" }.joined(separator: ", ")
    }

    /// What there is.
    private func stock(_ conditions: QueueConditions) -> String {
        let oldest = lanes.compactMap { $0["oldest_s"].double }.max().map { " (the oldest for \($0.ageText))" } ?? ""
        let running = lanes.reduce(0) { $0 + ($1["running"].int ?? 0) }
        return "waiting \(total(lanes))\(oldest), running \(running.grouped), scheduled \(counted(look["scheduled"])), "
            + "dead \(counted(look["dead"])), dead rows \(conditions.deadRows.grouped)"
    }

    private var table: TextTable? {
        guard !lanes.isEmpty else { return nil }
        return TextTable(
            headings: ["kind", "park", "waiting", "running", "oldest"],
            rows: lanes.map { lane in
                [
                    lane["kind"].plain, lane["park"].plain, counted(lane["waiting"]),
                    lane["running"].int?.grouped ?? "",
                    lane["oldest_s"].double?.ageText ?? "",
                ]
            },
            rightAligned: [2, 3, 4]
        )
    }

    /// The kinds of which jobs wait and that no worker handles.
    private var unhandled: [(kind: String, waiting: String)] {
        let idle = lanes.filter { $0["workers"].int == 0 && $0["waiting"].int ?? 0 > 0 }
        return Dictionary(grouping: idle) { $0["kind"].plain }
            .map { (kind: $0, waiting: total($1)) }
            .sorted { $0.kind < $1.kind }
    }

    /// How many wait in some lanes, with a plus where not all were counted.
    private func total(_ lanes: [JSONValue]) -> String {
        let counts = lanes.map { $0["waiting"].int ?? 0 }
        return counts.reduce(0, +).grouped + (counts.contains { $0 >= mostCounted } ? "+" : "")
    }

    private func counted(_ value: JSONValue) -> String {
        guard let count = value.int else { return "" }
        return count.grouped + (count >= mostCounted ? "+" : "")
    }
}
