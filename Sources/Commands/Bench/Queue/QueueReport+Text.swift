import JobQueue

extension QueueReport {
    /// The figures for people.
    var text: String {
        var sheet = FactSheet()
        sheet.add("mode", "\(load.mode.rawValue)\(manner)")
        if load.mode == .idle {
            addIdle(to: &sheet)
            return sheet.text
        }
        let verb = load.mode.hasWorkers ? "done" : "put in"
        sheet.add(verb, "\(done) of \(load.jobs) jobs in \(Self.text(seconds)) s")
        sheet.add("speed", "\(Int(jobsPerSecond.rounded())) jobs/s")
        if load.mode.hasWorkers, let pickup = figures?.pickup {
            sheet.add("pickup", "p50 \(Self.text(pickup.median)) ms, p99 \(Self.text(pickup.p99)) ms")
        }
        addSeries(to: &sheet)
        sheet.add("WAL", "\(Int(walPerJob.rounded())) bytes a job")
        if done > 0 {
            let server = usage.serverSeconds.map { "\(Self.text($0 / Double(done) * 1e6)) us of Postgres's" } ?? ""
            let owner = load.mode.hasWorkers ? "the workers'" : "ours"
            let clients = "\(Self.text(usage.clientSeconds / Double(done) * 1e6)) us of \(owner)"
            sheet.add("CPU a job", [server, clients].filter { !$0.isEmpty }.joined(separator: ", "))
        }
        sheet.add("lost", "\(lost)")
        sheet.add("doubled", "\(figures?.doubled ?? 0)")
        sheet.add("dead rows", "\(deadTuples)")
        sheet.add("hot tables", "\(Self.text(Double(hotBytes) / 1_048_576)) MiB")
        addSnapshot(to: &sheet)
        return sheet.text
    }

    private var manner: String {
        let workers = ", \(concurrency) at once in \(processes) \(processes == 1 ? "process" : "processes")"
        let connections = " over \(concurrency) \(concurrency == 1 ? "connection" : "connections")"
        return switch load.mode {
        case .drain: workers
        case .effect: (load.isUngrouped ? ", a transaction a job" : ", grouped") + workers
        case .mixed, .latency: " at \(Int(load.rate.rounded())) a second" + workers
        case .enqueue: connections + (load.isInTransaction ? ", in a caller's transaction" : "")
        case .bulk: connections + ", \(load.batch) at a time"
        case .idle: ", \(processes) \(processes == 1 ? "process" : "processes")"
        }
    }

    private func addIdle(to sheet: inout FactSheet) {
        guard let idlePercent else { return }
        sheet.add("workers", "\(Self.text(idlePercent.workers)) % of a core")
        guard let server = idlePercent.server else { return }
        sheet.add("Postgres", "\(Self.text(server)) % of a core more than without")
    }

    private func addSeries(to sheet: inout FactSheet) {
        guard let series, let first = series.thirds.first, let last = series.thirds.last else { return }
        func text(of part: QueueMeasure.Part) -> String {
            let pickup = part.pickupP99.map { ", pickup p99 \(Self.text($0)) ms" } ?? ""
            return "\(Int(part.jobsPerSecond.rounded())) jobs/s\(pickup)"
        }
        sheet.add("first third", text(of: first))
        sheet.add("last third", text(of: last))
        if let slowest = series.slowestSecond {
            sheet.add("slowest second", "\(Int(slowest.jobsPerSecond.rounded())) jobs/s")
        }
        if let worst = series.worstPickup { sheet.add("worst second", "pickup p99 \(Self.text(worst)) ms") }
    }

    private func addSnapshot(to sheet: inout FactSheet) {
        guard let snapshot, snapshot.free.jobsPerSecond > 0 else { return }
        let free = snapshot.free
        let ratio = Self.text(jobsPerSecond / free.jobsPerSecond)
        var text = "\(ratio) times the \(Int(free.jobsPerSecond.rounded())) jobs/s without"
        if let ratio = lastThirdRatio(to: free) { text += ", \(Self.text(ratio)) times in the last third" }
        sheet.add("snapshot (\(snapshot.kind.rawValue))", text)
    }

    private static func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
