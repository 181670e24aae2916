import JobQueue

/// What the queue's bench found.
struct QueueReport {
    let load: QueueLoad
    let processes: Int
    let concurrency: Int
    let usage: QueueWatch.Usage
    /// `nil` where there were no jobs.
    let figures: QueueMeasure.Figures?
    let series: Series?
    let tables: [QueueWatch.Table]
    /// Of `idle`: what was used in as long a time before there were workers.
    var quiet: QueueWatch.Usage?
    /// Where a snapshot was held: how, and what was found without.
    var snapshot: Snapshot?

    /// How a run went on.
    struct Series {
        let thirds: [QueueMeasure.Part]
        let seconds: [QueueMeasure.Part]

        /// The last third's speed over the first's.
        var lastToFirst: Double {
            guard let first = thirds.first, let last = thirds.last, first.jobsPerSecond > 0 else { return 0 }
            return last.jobsPerSecond / first.jobsPerSecond
        }

        var slowestSecond: QueueMeasure.Part? { seconds.min { $0.jobsPerSecond < $1.jobsPerSecond } }
        var worstPickup: Double? { seconds.compactMap(\.pickupP99).max() }
    }

    /// A run without the snapshot that this one was held under.
    struct Snapshot {
        let kind: HeldSnapshot.Kind
        private let freeReport: [QueueReport]

        init(kind: HeldSnapshot.Kind, free: QueueReport) {
            self.kind = kind
            // In an array, since a struct can't hold itself.
            self.freeReport = [free]
        }

        var free: QueueReport { freeReport[0] }
    }

    // MARK: Figures

    /// Jobs that were put in, or done, as the mode has it.
    var done: Int {
        guard let figures else { return 0 }
        return load.mode.hasWorkers ? figures.done : figures.waiting
    }

    var lost: Int {
        guard let figures else { return 0 }
        return load.jobs - (load.mode.hasWorkers ? figures.whole : figures.waiting)
    }

    var seconds: Double { load.mode.hasWorkers ? figures?.seconds ?? 0 : usage.seconds }
    var jobsPerSecond: Double { seconds > 0 ? Double(done) / seconds : 0 }
    var walPerJob: Double { done > 0 ? Double(usage.walBytes) / Double(done) : 0 }
    var deadTuples: Int { tables.reduce(0) { $0 + $1.dead } }
    var hotBytes: Int { tables.filter(\.isHot).reduce(0) { $0 + $1.bytes } }

    /// Of `idle`: hundredths of a core for the workers, and for the server beyond what it uses without them.
    var idlePercent: (workers: Double, server: Double?)? {
        guard let quiet, usage.seconds > 0, quiet.seconds > 0 else { return nil }
        let server = usage.serverSeconds.flatMap { busy in
            quiet.serverSeconds.map { max(0, busy / usage.seconds - $0 / quiet.seconds) * 100 }
        }
        return (usage.clientSeconds / usage.seconds * 100, server)
    }
}
