/// What happens in a second, from the differences of two looks at the queue.
struct QueueRates: Equatable {
    /// A worker's jobs.
    struct Work: Equatable {
        var done: Double
        var failed: Double
    }

    /// Jobs that were put in, duplicates too.
    var enqueued: Double?
    /// By the worker's id; those of which there has been but one look are missing.
    var workers: [Int: Work] = [:]

    /// Over all workers; `nil` while nothing is known of any.
    var done: Double? { workers.isEmpty ? nil : workers.values.reduce(0) { $0 + $1.done } }
    var failed: Double? { workers.isEmpty ? nil : workers.values.reduce(0) { $0 + $1.failed } }
}

/// Makes rates of looks that follow each other.
///
/// A worker writes its numbers down with each of its heartbeats, so its rate is from one heartbeat to another, however often
/// somebody looks.
struct QueueRateMeter {
    private struct Beat {
        /// Seconds since 1970, on the database's clock.
        let at: Double
        let done: Double
        let failed: Double
        var work: QueueRates.Work?
    }

    private var last: (at: Double, enqueued: Double)?
    private var beats: [Int: Beat] = [:]
    /// Two heartbeats that lie closer together are one: the time of each is rounded to a thousandth.
    private static let shortest = 0.01

    /// Takes the next look in, an object as of ``QueueInspector/look(until:)``.
    mutating func rates(of look: JSONValue) -> QueueRates {
        var rates = QueueRates()
        guard let at = look["at_s"].double, let enqueued = look["enqueued"].double else { return rates }
        if let last, at > last.at { rates.enqueued = max(0, enqueued - last.enqueued) / (at - last.at) }
        last = (at, enqueued)
        var current: [Int: Beat] = [:]
        for worker in look["workers"].elements {
            guard let id = worker["id"].int, let age = worker["seen_s"].double, let done = worker["done"].double,
                let failed = worker["failed"].double
            else { continue }
            let beat = Self.beat(after: beats[id], at: at - age, done: done, failed: failed)
            current[id] = beat
            rates.workers[id] = beat.work
        }
        beats = current
        return rates
    }

    private static func beat(after last: Beat?, at: Double, done: Double, failed: Double) -> Beat {
        guard let last else { return Beat(at: at, done: done, failed: failed) }
        guard at - last.at > shortest else { return last }
        let work = QueueRates.Work(
            done: max(0, done - last.done) / (at - last.at),
            failed: max(0, failed - last.failed) / (at - last.at)
        )
        return Beat(at: at, done: done, failed: failed, work: work)
    }
}
