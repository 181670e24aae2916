import JobQueue
import Postgres

/// A part of `/metrics` that is made anew for each scrape.
package protocol MetricsSource: Sendable {
    /// Lines that Prometheus reads.
    func text() async -> String
}

/// What a worker shows of itself and of the queue.
///
/// The queue is asked once at a time: scrapes that come meanwhile share the answer, so that no crowd of them takes the
/// connections that the jobs need.
actor WorkerMetrics: MetricsSource {
    private let counters: QueueMetrics
    private let queue: QueueInspector
    private var asking: Task<QueueGauges?, Never>?

    /// A scraper gives up after ten seconds, and what can't be told by then is told by `amenity_queue_up`.
    private static let patience = Duration.seconds(3)

    init(_ counters: QueueMetrics, queue: QueueInspector) {
        self.counters = counters
        self.queue = queue
    }

    func text() async -> String { counters.text(await gauges()) }

    private func gauges() async -> QueueGauges? {
        if let asking { return await asking.value }
        let task = Task { [queue, kinds = counters.kinds] in
            try? await queue.gauges(of: kinds, until: .after(Self.patience))
        }
        asking = task
        defer { asking = nil }
        return await task.value
    }
}
