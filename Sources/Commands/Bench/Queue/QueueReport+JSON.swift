import JobQueue

extension QueueReport {
    /// The figures for programs.
    var json: JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue) { members.append(JSONValue.Member(name: name, value: value)) }
        add("bench", "queue")
        add("mode", .string(load.mode.rawValue))
        switch load.mode {
        case .effect: add("grouped", .boolean(!load.isUngrouped))
        case .enqueue: add("transaction", .boolean(load.isInTransaction))
        case .bulk: add("batch", .integer(load.batch))
        case .mixed, .latency: add("rate", .fraction(load.rate))
        case .drain, .idle: break
        }
        add("processes", .integer(load.mode.hasWorkers || load.mode == .idle ? processes : 0))
        add("concurrency", .integer(concurrency))
        add("jobs", .integer(load.jobs))
        add("done", .integer(done))
        add("seconds", Self.thousandths(seconds))
        add("jobs_per_second", .fraction(jobsPerSecond.rounded()))
        let pickup = load.mode.hasWorkers ? figures?.pickup : nil
        add("pickup_ms", ["p50": Self.thousandths(pickup?.median), "p99": Self.thousandths(pickup?.p99)])
        add("wal_bytes_per_job", .fraction(walPerJob.rounded()))
        add("lost", .integer(lost))
        add("doubled", .integer(figures?.doubled ?? 0))
        add("dead_tuples", .integer(deadTuples))
        add("hot_table_bytes", .integer(hotBytes))
        add("tables", tablesJSON)
        add("cpu_seconds", cpu { $0 })
        if done > 0 { add("cpu_us_per_job", cpu { $0 / Double(done) * 1_000_000 }) }
        if let idlePercent {
            let total = idlePercent.server.map { $0 + idlePercent.workers }
            add(
                "idle_percent_of_core",
                [
                    "workers": Self.thousandths(idlePercent.workers), "postgres": Self.thousandths(idlePercent.server),
                    "total": Self.thousandths(total),
                ]
            )
        }
        if let series { add("series", series.json) }
        if let snapshot { add("snapshot", json(of: snapshot)) }
        return .object(members)
    }

    private var tablesJSON: JSONValue {
        .object(
            tables.filter { $0.bytes > 0 || $0.dead > 0 }.map { table in
                JSONValue.Member(
                    name: table.name,
                    value: ["bytes": .integer(table.bytes), "dead_tuples": .integer(table.dead)]
                )
            }
        )
    }

    private func cpu(_ scale: (Double) -> Double) -> JSONValue {
        [
            "postgres": Self.thousandths(usage.serverSeconds.map(scale)),
            "clients": Self.thousandths(scale(usage.clientSeconds)),
        ]
    }

    private func json(of snapshot: Snapshot) -> JSONValue {
        let free = snapshot.free
        return [
            "held": .string(snapshot.kind.rawValue),
            "jobs_per_second_without": .fraction(free.jobsPerSecond.rounded()),
            "pickup_p99_ms_without": Self.thousandths(free.figures?.pickup?.p99),
            "dead_tuples_without": .integer(free.deadTuples),
            "hot_table_bytes_without": .integer(free.hotBytes),
            "ratio": Self.thousandths(free.jobsPerSecond > 0 ? jobsPerSecond / free.jobsPerSecond : nil),
            "last_third_ratio": Self.thousandths(lastThirdRatio(to: free)),
        ]
    }

    /// The last third's speed over that of the run without a snapshot: by then the dead rows have piled up.
    func lastThirdRatio(to free: QueueReport) -> Double? {
        guard let held = series?.thirds.last, let free = free.series?.thirds.last, free.jobsPerSecond > 0 else {
            return nil
        }
        return held.jobsPerSecond / free.jobsPerSecond
    }

    static func thousandths(_ value: Double?) -> JSONValue {
        value.map { .fraction(($0 * 1000).rounded() / 1000) } ?? .null
    }
}

extension QueueReport.Series {
    fileprivate var json: JSONValue {
        [
            "first_third": Self.json(of: thirds.first),
            "last_third": Self.json(of: thirds.last),
            "last_to_first": QueueReport.thousandths(lastToFirst),
            "slowest_second": slowestSecond.map { .fraction($0.jobsPerSecond.rounded()) } ?? .null,
            "worst_second_pickup_p99_ms": QueueReport.thousandths(worstPickup),
            "jobs_in_second": .array(seconds.map { .integer($0.done) }),
        ]
    }

    private static func json(of part: QueueMeasure.Part?) -> JSONValue {
        guard let part else { return .null }
        return [
            "jobs_per_second": .fraction(part.jobsPerSecond.rounded()),
            "pickup_p99_ms": QueueReport.thousandths(part.pickupP99),
        ]
    }
}
