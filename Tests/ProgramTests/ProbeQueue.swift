import Commands
import TestSupport
import Testing

/// The queue of probe jobs as another program sees it: through `queue.enqueue`, `queue.job` and `queue.probe_effect`.
struct ProbeQueue: Sendable {
    let observer: ServerObserver

    /// Enqueues one probe with this payload and returns its id.
    @discardableResult
    func enqueue(_ payload: JSONValue) async throws -> Int64 {
        let id = try await observer.value("select id from queue.enqueue('probe', '\(payload.text)')")
        return try #require(id.flatMap { Int64($0) })
    }

    /// Enqueues many probes in one statement, which ends when they are all there.
    func enqueue(_ payload: JSONValue, count: Int) async throws {
        try await observer.execute(
            "select queue.enqueue('probe', '\(payload.text)') from generate_series(1, \(count))"
        )
    }

    func count(_ condition: String = "true") async throws -> Int {
        let count = try await observer.value("select count(*) from queue.job where kind = 'probe' and (\(condition))")
        return try #require(count.flatMap { Int($0) })
    }

    func state(of job: Int64) async throws -> String? {
        try await observer.value("select state from queue.job where id = \(job)")
    }

    func wait(for job: Int64, toBe state: String) async throws {
        try await observer.wait(for: "exists (select from queue.job where id = \(job) and state = '\(state)')")
    }

    /// Waits until nothing, or so much, is left to be done, for as long as it gets less.
    func waitUntilDrained(butFor kept: Int = 0) async throws {
        let undone = "(select count(*) from queue.live)"
        while let left = try await observer.value("select \(undone)"), left != "\(kept)" {
            try await observer.wait(for: "\(undone) < \(left)")
        }
    }

    /// How many of the probes that were enqueued have left no effect.
    func lost(of enqueued: Int) async throws -> Int {
        let done = try await observer.value("select count(distinct job) from queue.probe_effect")
        return enqueued - (try #require(done.flatMap { Int($0) }))
    }

    /// How many effects there are too many.
    func doubled() async throws -> Int {
        let count = try await observer.value("select count(*) - count(distinct job) from queue.probe_effect")
        return try #require(count.flatMap { Int($0) })
    }

    /// The jobs that are not done with exactly one effect, as `id state crashes effects last_error`.
    func exceptions() async throws -> [String] {
        try await observer.execute(
            """
            select concat_ws(' ', job.id, job.state, job.crashes, (
                select count(*) from queue.probe_effect where probe_effect.job = job.id
            ), job.last_error)
            from queue.job
            where kind = 'probe' and (
                state <> 'done' or 1 <> (select count(*) from queue.probe_effect where probe_effect.job = job.id)
            )
            union all
            select concat_ws(' ', job, 'effect without a job')
            from queue.probe_effect where not exists (select from queue.job where job.id = probe_effect.job)
            """
        )
        .compactMap { $0.first ?? nil }
    }
}

/// Lends a database with an empty queue of its own.
func withProbes<Value>(_ body: (TestDatabase, ProbeQueue) async throws -> Value) async throws -> Value {
    try await withQueue { database, observer in try await body(database, ProbeQueue(observer: observer)) }
}
