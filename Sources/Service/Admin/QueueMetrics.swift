package import JobQueue
import Synchronization

/// Counts what a worker does, for `/metrics`. An event costs a few atomic additions.
package final class QueueMetrics: Sendable {
    /// What became of one run of a job.
    private enum Outcome: Int, CaseIterable {
        case finished
        case failed
        case dead
        case snoozed
        case cancelled
        case leaseLost

        var label: String { self == .leaseLost ? "lease_lost" : "\(self)" }
    }

    /// What is told of one kind.
    private final class KindMetrics: Sendable {
        let kind: String
        let outcomes: [WrappingCounter] = Outcome.allCases.map { _ in WrappingCounter() }
        let waited = Histogram()
        let ran = Histogram()

        init(kind: String) { self.kind = kind }
    }

    /// A closed set: the kinds that the process handles.
    package let kinds: [String]
    private let metrics: [KindMetrics]
    private let rescued = WrappingCounter()
    private let quarantined = WrappingCounter()
    private let rotations = WrappingCounter()
    private let troubles = WrappingCounter()
    private let scheduled = WrappingCounter()
    private let unscheduled = WrappingCounter()

    /// - Parameter kinds: those of the process's handlers.
    package init(kinds: [String]) {
        self.kinds = kinds
        metrics = kinds.map { KindMetrics(kind: $0) }
    }

    /// What ``Worker`` calls for each event.
    package func count(_ event: QueueEvent) {
        switch event {
        case .finished(let run): count(run, as: .finished)
        case .failed(let run, let state, _): count(run, as: state == "dead" ? .dead : .failed)
        case .snoozed(let run): count(run, as: .snoozed)
        case .cancelled(let run): count(run, as: .cancelled)
        case .leaseLost(let run): count(run, as: .leaseLost)
        case .rescued(let freed, let quarantined):
            rescued.add(freed)
            self.quarantined.add(quarantined)
        case .rotated: rotations.add(1)
        case .databaseTrouble: troubles.add(1)
        case .scheduleFired(_, let jobs): scheduled.add(jobs)
        case .scheduleFailed: unscheduled.add(1)
        case .registered, .listening, .deaf, .stopped: break
        }
    }

    private func count(_ run: JobRun, as outcome: Outcome) {
        // Few, so that looking one after the other is quickest.
        guard let metrics = metrics.first(where: { $0.kind == run.kind }) else { return }
        metrics.outcomes[outcome.rawValue].add(1)
        metrics.waited.add(run.waited)
        metrics.ran.add(run.ran)
    }

    // MARK: Text

    /// The text that Prometheus reads.
    ///
    /// - Parameter gauges: how the queue stands, of these ``kinds``; `nil` when the database did not tell.
    func text(_ gauges: QueueGauges?) -> String {
        var text = PrometheusText()
        text.type("amenity_jobs_total", .counter)
        for metrics in metrics {
            for (outcome, counter) in zip(Outcome.allCases, metrics.outcomes) {
                let labels = [("kind", metrics.kind), ("outcome", outcome.label)]
                text.sample("amenity_jobs_total", labels, counter.value)
            }
        }
        for (name, counter) in [
            ("amenity_jobs_rescued_total", rescued), ("amenity_jobs_quarantined_total", quarantined),
            ("amenity_queue_rotations_total", rotations), ("amenity_queue_database_troubles_total", troubles),
            ("amenity_queue_scheduled_jobs_total", scheduled), ("amenity_queue_schedule_failures_total", unscheduled),
        ] {
            text.metric(name, .counter, counter.value)
        }
        text.help("amenity_job_wait_seconds", "From when a job was due to its claim.")
        text.type("amenity_job_wait_seconds", .histogram)
        for metrics in metrics { metrics.waited.write("amenity_job_wait_seconds", kind: metrics.kind, to: &text) }
        text.help("amenity_job_run_seconds", "How long a handler had a job, without the shared commit after it.")
        text.type("amenity_job_run_seconds", .histogram)
        for metrics in metrics { metrics.ran.write("amenity_job_run_seconds", kind: metrics.kind, to: &text) }
        write(gauges, to: &text)
        return text.text
    }

    private func write(_ gauges: QueueGauges?, to text: inout PrometheusText) {
        text.help(
            "amenity_queue_up",
            "Whether the database told how the queue stands; the gauges below are absent if not."
        )
        text.metric("amenity_queue_up", .gauge, gauges == nil ? 0 : 1)
        guard let gauges else { return }
        text.help("amenity_queue_waiting", "Jobs that are due, of each park at most 10000.")
        text.type("amenity_queue_waiting", .gauge)
        for (kind, count) in zip(kinds, gauges.waiting) {
            text.sample("amenity_queue_waiting", [("kind", kind)], count)
        }
        text.type("amenity_queue_running", .gauge)
        for (kind, count) in zip(kinds, gauges.running) {
            text.sample("amenity_queue_running", [("kind", kind)], count)
        }
        text.help("amenity_queue_oldest_seconds", "For how long the job has been due that has waited longest.")
        text.type("amenity_queue_oldest_seconds", .gauge)
        for (kind, age) in zip(kinds, gauges.oldest) {
            text.sample("amenity_queue_oldest_seconds", [("kind", kind)], age)
        }
        text.metric("amenity_queue_dead_rows", .gauge, gauges.deadRows)
        text.help(
            "amenity_queue_snapshot_seconds",
            "For how long somebody has held the oldest snapshot of the database."
        )
        text.metric("amenity_queue_snapshot_seconds", .gauge, gauges.snapshotAge)
    }
}

/// A number that many threads count up, in one instruction. Where it is full it begins anew, as after a restart.
private final class WrappingCounter: Sendable {
    private let count = Atomic<UInt64>(0)

    func add(_ amount: Int) { count.wrappingAdd(UInt64(clamping: amount), ordering: .relaxed) }

    var value: UInt64 { count.load(ordering: .relaxed) }
}

/// How many durations lay in which range, and their sum.
private final class Histogram: Sendable {
    /// Upper bounds in nanoseconds, with the text of each in seconds: from a tenth of a millisecond, since what is quicker
    /// is quick enough, to ten minutes. One more counter has what is beyond.
    private static let bounds: [(nanoseconds: UInt64, text: String)] = [
        (100_000, "0.0001"), (300_000, "0.0003"), (1_000_000, "0.001"), (3_000_000, "0.003"), (10_000_000, "0.01"),
        (30_000_000, "0.03"), (100_000_000, "0.1"), (300_000_000, "0.3"), (1_000_000_000, "1"), (3_000_000_000, "3"),
        (10_000_000_000, "10"), (30_000_000_000, "30"), (100_000_000_000, "100"), (600_000_000_000, "600"),
    ]

    private let counters: [WrappingCounter] = (0...bounds.count).map { _ in WrappingCounter() }
    private let nanoseconds = Atomic<UInt64>(0)

    func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = UInt64(clamping: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
        var place = 0
        while place < Self.bounds.count, nanoseconds > Self.bounds[place].nanoseconds { place += 1 }
        counters[place].add(1)
        self.nanoseconds.wrappingAdd(nanoseconds, ordering: .relaxed)
    }

    func write(_ name: String, kind: String, to text: inout PrometheusText) {
        var count: UInt64 = 0
        for (bound, counter) in zip(Self.bounds.map(\.text) + ["+Inf"], counters) {
            count &+= counter.value
            text.sample(name + "_bucket", [("kind", kind), ("le", bound)], count)
        }
        text.sample(name + "_sum", [("kind", kind)], Double(nanoseconds.load(ordering: .relaxed)) / 1e9)
        text.sample(name + "_count", [("kind", kind)], count)
    }
}
