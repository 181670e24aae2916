/// Everything about a worker that is worth a log line or a metric.
package enum QueueEvent: Sendable {
    case registered(worker: Int64)
    case finished(kind: String, job: Int64)
    /// The handler put the job off.
    case snoozed(kind: String, job: Int64)
    /// Somebody cancelled the job while it ran.
    case cancelled(kind: String, job: Int64)
    /// A handler failed; the state is `failed` or `dead`.
    case failed(kind: String, job: Int64, state: String, reason: String)
    /// The job had been given to another worker; nothing was committed.
    case leaseLost(kind: String, job: Int64)
    case rescued(freed: Int, quarantined: Int)
    /// An entry of the schedule was due, and so many jobs were enqueued.
    case scheduleFired(name: String, jobs: Int)
    /// An entry of the schedule can't be fired as it is; told once a reason.
    case scheduleFailed(name: String, reason: String)
    /// Somebody's snapshot kept vacuum from cleaning up, and new jobs go to another generation of the table.
    case rotated
    /// The database could not be asked; the worker tries again.
    case databaseTrouble(reason: String)
    case stopped
}
