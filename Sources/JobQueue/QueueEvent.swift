/// Everything about a worker that is worth a log line or a metric.
package enum QueueEvent: Sendable {
    case registered(worker: Int64)
    case finished(JobRun)
    /// The handler put the job off.
    case snoozed(JobRun)
    /// Somebody cancelled the job while it ran.
    case cancelled(JobRun)
    /// A handler failed; the state is `failed` or `dead`.
    case failed(JobRun, state: String, reason: String)
    /// The job had been given to another worker; nothing was committed.
    case leaseLost(JobRun)
    case rescued(freed: Int, quarantined: Int)
    /// An entry of the schedule was due, and so many jobs were enqueued.
    case scheduleFired(name: String, jobs: Int)
    /// An entry of the schedule can't be fired as it is; told once a reason.
    case scheduleFailed(name: String, reason: String)
    /// Somebody's snapshot kept vacuum from cleaning up, and new jobs go to another generation of the table.
    case rotated
    /// The worker is told of new jobs, and looks by itself less often.
    case listening
    /// The worker is not told of new jobs, or can't know whether it is: it looks by itself.
    case deaf(reason: String)
    /// The database could not be asked; the worker tries again.
    case databaseTrouble(reason: String)
    case stopped
}

/// One run of a job, as events tell of it.
package struct JobRun: Sendable {
    package let job: Int64
    package let kind: String
    /// What had the job put in, where that is known: the id of the service's call.
    package let origin: String?
    /// From when the job was due to its claim, by the database's clock.
    package let waited: Duration
    /// From when its handler was called to when that had done its part; what comes after, the shared commit of its group,
    /// is not in it.
    package let ran: Duration

    package init(job: Int64, kind: String, origin: String? = nil, waited: Duration, ran: Duration) {
        self.job = job
        self.kind = kind
        self.origin = origin
        self.waited = waited
        self.ran = ran
    }
}
