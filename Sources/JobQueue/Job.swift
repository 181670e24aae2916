package import Postgres

/// A claimed job as its handler sees it.
package struct Job: Sendable {
    package let id: Int64
    package let kind: String
    package let park: String?
    package let payload: JSONText
    /// How often a handler has failed this job before.
    package let attempt: Int
    /// How often a process has vanished while running it.
    package let crashes: Int
}

/// The states of a job, as `queue.job` tells them.
package enum JobState: String, CaseIterable, Sendable {
    case scheduled
    case ready
    case running
    case done
    /// A handler said no, and the job waits to be tried again.
    case failed
    case dead
    case cancelled
}

/// A job to be enqueued. Its payload may have 256 KiB.
package struct NewJob: Sendable {
    package var kind: String
    package var payload: JSONText
    package var park: String?
    /// A second job with a key that is taken is not enqueued; the first one's id comes back.
    package var uniqueKey: String?
    /// How long after its end a job still holds its key; `nil` is a day.
    package var uniqueFor: Duration?
    /// Whether the payload is laid over that of a job of the same key that waits. Both must be objects. A job that runs
    /// is left alone, and a new one comes after it.
    package var merges: Bool
    /// `nil`, or what has passed: at once.
    package var runAt: Timestamp?
    /// Lower first; `nil` is 100.
    package var priority: Int16?
    /// What has the job put in, such as the id of a call: the worker's log tells it too. Cut to 128 characters.
    package var origin: String?

    package init(
        kind: String,
        payload: JSONText,
        park: String? = nil,
        uniqueKey: String? = nil,
        uniqueFor: Duration? = nil,
        merges: Bool = false,
        runAt: Timestamp? = nil,
        priority: Int16? = nil,
        origin: String? = nil
    ) {
        self.kind = kind
        self.payload = payload
        self.park = park
        self.uniqueKey = uniqueKey
        self.uniqueFor = uniqueFor
        self.merges = merges
        self.runAt = runAt
        self.priority = priority
        self.origin = origin
    }
}

/// What became of an enqueue.
package struct EnqueuedJob: Sendable {
    package let id: Int64
    /// Whether the key was taken and the id is the earlier job's.
    package let isDuplicate: Bool

    init(_ row: inout RowReader) throws(PostgresError) {
        id = try row.next()
        isDuplicate = try row.next()
    }
}

extension Session {
    /// Enqueues a job as part of this session's transaction: it exists if and only if the transaction commits.
    package func enqueue(_ job: NewJob) async throws(PostgresError) -> EnqueuedJob {
        guard job.uniqueKey == nil, job.runAt == nil, !job.merges else {
            return try await execute(EnqueueJob(job: job))
        }
        return try await execute(EnqueuePlainJob(job: job))
    }
}
