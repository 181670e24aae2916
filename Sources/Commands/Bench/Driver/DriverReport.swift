/// What the driver's bench found.
struct DriverReport {
    let tasks: Int
    let connections: Int
    /// Many tasks over a few connections.
    var shared = Figures()
    /// One task on one connection.
    var single = Figures()
    /// By pgbench's number of clients.
    var pgbench: [Int: Figures] = [:]
    /// Our queries, all told.
    private(set) var queries = 0
    var memory = Memory()

    /// Resident bytes at some points.
    struct Memory {
        var start = 0
        /// After the first million queries, when every buffer has its size; `nil` if there were fewer.
        var afterMillion: Int?
        var end = 0
    }

    /// Counts queries that were answered.
    mutating func count(_ more: Int) {
        queries += more
        if queries >= 1_000_000, memory.afterMillion == nil { memory.afterMillion = ResidentMemory.bytes }
    }

    private var best: (clients: Int, rate: Double)? {
        pgbench.filter { $0.key > 1 }.map { ($0.key, $0.value.median) }.max { $0.1 < $1.1 }
    }

    private var sharedRatio: Double? { best.map { shared.median / $0.rate } }
    private var singleRatio: Double? { pgbench[1].map { single.median / $0.median } }

    /// The figures for programs.
    var json: JSONValue {
        var object = JSONObject()
        object.add("bench", "driver")
        object.add("tasks", tasks)
        object.add("connections", connections)
        object.add("queries", queries)
        object.add("shared", shared.json("queries_per_second"))
        if !single.rounds.isEmpty { object.add("single", single.json("queries_per_second")) }
        for (clients, figures) in pgbench.sorted(by: { $0.key < $1.key }) {
            object.add("pgbench_\(clients)", figures.json("queries_per_second"))
        }
        object.add("shared_to_best_pgbench", sharedRatio.map { .fraction(Self.rounded($0)) })
        object.add("single_to_pgbench_1", singleRatio.map { .fraction(Self.rounded($0)) })
        object.add(
            "resident_bytes",
            [
                "start": .integer(memory.start), "after_1m": memory.afterMillion.map { .integer($0) } ?? .null,
                "end": .integer(memory.end),
            ]
        )
        return object.json
    }

    /// The figures for people.
    var text: String {
        var rows = [["ours, \(tasks) tasks over \(connections) connections", Self.rate(shared)]]
        if !single.rounds.isEmpty { rows.append(["ours, 1 task on 1 connection", Self.rate(single)]) }
        for (clients, figures) in pgbench.sorted(by: { $0.key < $1.key }) {
            rows.append(["pgbench -M prepared -c \(clients)", Self.rate(figures)])
        }
        var lines = [TextTable(headings: ["", "queries/s"], rows: rows, rightAligned: [1]).text]
        if let sharedRatio, let best {
            lines.append("shared connections: \(Self.rounded(sharedRatio)) times the best pgbench (-c \(best.clients))")
        }
        if let singleRatio { lines.append("one connection: \(Self.rounded(singleRatio)) times pgbench -c 1") }
        let million = memory.afterMillion.map { ", \(Self.megabytes($0)) after a million" } ?? ""
        lines.append(
            "memory: \(Self.megabytes(memory.start)) at the start\(million), \(Self.megabytes(memory.end)) at the end "
                + "(\(queries) queries)"
        )
        return lines.joined(separator: "\n")
    }

    private static func rate(_ figures: Figures) -> String { String(Int(figures.median.rounded())) }
    private static func rounded(_ ratio: Double) -> Double { (ratio * 100).rounded() / 100 }
    private static func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 104_857.6).rounded() / 10) MiB" }
}
