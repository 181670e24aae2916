import JobQueue

extension QueueReport {
    /// The figures for programs.
    var json: JSONValue {
        var object = JSONObject()
        object.add("bench", "queue")
        object.add("mode", load.mode.rawValue)
        switch load.mode {
        case .effect: object.add("grouped", .boolean(!load.isUngrouped))
        case .enqueue: object.add("transaction", .boolean(load.isInTransaction))
        case .bulk: object.add("batch", load.batch)
        case .mixed, .latency: object.add("rate", .fraction(load.rate))
        case .drain, .idle: break
        }
        object.add("processes", load.mode.hasWorkers || load.mode == .idle ? processes : 0)
        object.add("concurrency", concurrency)
        object.add("jobs", load.jobs)
        object.add("done", done)
        object.add("seconds", Self.thousandths(seconds))
        object.add("jobs_per_second", .fraction(jobsPerSecond.rounded()))
        let pickup = load.mode.hasWorkers ? figures?.pickup : nil
        object.add("pickup_ms", ["p50": Self.thousandths(pickup?.median), "p99": Self.thousandths(pickup?.p99)])
        object.add("wal_bytes_per_job", .fraction(walPerJob.rounded()))
        object.add("lost", lost)
        object.add("doubled", figures?.doubled ?? 0)
        object.add("dead_tuples", deadTuples)
        object.add("hot_table_bytes", hotBytes)
        object.add("tables", tablesJSON)
        object.add("cpu_seconds", cpu { $0 })
        if done > 0 { object.add("cpu_us_per_job", cpu { $0 / Double(done) * 1_000_000 }) }
        object.add("idle_percent_of_core", idlePercentJSON)
        object.add("series", series?.json)
        object.add("snapshot", snapshot.map(json))
        return object.json
    }

    private var idlePercentJSON: JSONValue? {
        guard let idlePercent else { return nil }
        return [
            "workers": Self.thousandths(idlePercent.workers), "postgres": Self.thousandths(idlePercent.server),
            "total": Self.thousandths(idlePercent.server.map { $0 + idlePercent.workers }),
        ]
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
