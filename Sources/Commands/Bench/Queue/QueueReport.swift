import JobQueue

/// What the queue's bench found.
struct QueueReport {
    let load: QueueLoad
    let processes: Int
    let concurrency: Int
    let isPollOnly: Bool
    let figures: QueueMeasure.Figures
    let walBytes: Int
    let deadTuples: Int

    private var jobsPerSecond: Double { figures.seconds > 0 ? Double(figures.done) / figures.seconds : 0 }
    private var walPerJob: Double { figures.done > 0 ? Double(walBytes) / Double(figures.done) : 0 }

    /// The figures for programs.
    var json: JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue) { members.append(JSONValue.Member(name: name, value: value)) }
        add("bench", "queue")
        add("mode", .string(load.mode.rawValue))
        add("processes", .integer(processes))
        add("concurrency", .integer(concurrency))
        add("poll_only", .boolean(isPollOnly))
        if !load.mode.isBacklog { add("rate", .fraction(load.rate)) }
        add("jobs", .integer(load.jobs))
        add("done", .integer(figures.done))
        add("seconds", .fraction(Self.rounded(figures.seconds, to: 1000)))
        add("jobs_per_second", .fraction(jobsPerSecond.rounded()))
        add(
            "pickup_ms",
            figures.pickup.map { pickup in
                [
                    "p50": .fraction(Self.rounded(pickup.median, to: 1000)),
                    "p99": .fraction(Self.rounded(pickup.p99, to: 1000)),
                ]
            } ?? ["p50": .null, "p99": .null]
        )
        add("wal_bytes_per_job", .fraction(walPerJob.rounded()))
        add("lost", .integer(figures.lost))
        add("doubled", .integer(figures.doubled))
        add("dead_tuples", .integer(deadTuples))
        return .object(members)
    }

    /// The figures for people.
    var text: String {
        var sheet = FactSheet()
        let rate = load.mode.isBacklog ? "" : " at \(Int(load.rate.rounded())) a second"
        let way = isPollOnly ? ", poll only" : ""
        sheet.add("mode", "\(load.mode.rawValue)\(rate), \(processes) x \(concurrency) at once\(way)")
        sheet.add("done", "\(figures.done) of \(load.jobs) jobs in \(Self.rounded(figures.seconds, to: 1000)) s")
        sheet.add("speed", "\(Int(jobsPerSecond.rounded())) jobs/s")
        if let pickup = figures.pickup {
            sheet.add(
                "pickup",
                "p50 \(Self.rounded(pickup.median, to: 100)) ms, p99 \(Self.rounded(pickup.p99, to: 100)) ms"
            )
        }
        sheet.add("WAL", "\(Int(walPerJob.rounded())) bytes a job")
        sheet.add("lost", "\(figures.lost)")
        sheet.add("doubled", "\(figures.doubled)")
        sheet.add("dead rows", "\(deadTuples)")
        return sheet.text
    }

    private static func rounded(_ value: Double, to parts: Double) -> Double { (value * parts).rounded() / parts }
}
