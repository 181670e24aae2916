import Postgres

/// The jobs of one kind and one park: claims are fair among them.
struct Lane: Hashable {
    let kind: String
    /// Empty for none.
    let park: String
}

/// Claims due jobs.
struct ClaimJobs: ManyRows {
    static let sql = SQL("claim_jobs", PackageResources.claim_jobs_sql)
    let worker: Int64
    /// The kinds with the time after which a job of each counts as hung.
    let kinds: [(kind: String, limit: Duration)]
    let count: Int
    /// Parks that come later in the alphabet go first.
    var after = ""
    /// A job whose process vanished before may come, by itself, if it did no more often than this.
    var mostCrashesAlone: Int?
    /// Look here only, from this rank on; everywhere if it is empty.
    var places: [Lane: Timestamp] = [:]
    /// Earlier leases of which nothing is left to do.
    var ended: [Int64] = []

    func bind(to parameters: inout Parameters) {
        parameters.append(worker)
        parameters.append(PostgresArray(kinds.map(\.kind)))
        parameters.append(PostgresArray(kinds.map { $0.limit / .seconds(1) }))
        parameters.append(Int32(clamping: count))
        parameters.append(after)
        parameters.append(mostCrashesAlone != nil)
        parameters.append(Int32(clamping: mostCrashesAlone ?? 0))
        parameters.append(PostgresArray(places.keys.map(\.kind)))
        parameters.append(PostgresArray(places.keys.map(\.park)))
        parameters.append(PostgresArray(Array(places.values)))
        parameters.append(PostgresArray(ended))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> ClaimedJob {
        ClaimedJob(
            job: Job(
                id: try row.next(),
                kind: try row.next(),
                park: try row.nextIfPresent(),
                payload: try row.next(),
                attempt: Int(try row.next(Int16.self)),
                crashes: Int(try row.next(Int16.self))
            ),
            lease: try row.next(),
            generation: try row.next(),
            rank: try row.next(),
            runAt: try row.next(),
            startedAt: try row.next(),
            origin: try row.nextIfPresent()
        )
    }
}

/// A job as a claim returns it.
struct ClaimedJob: Sendable {
    let job: Job
    let lease: Int64
    /// The part of the table it stands in for as long as it is claimed.
    let generation: Int16
    /// Its place among the jobs of its lane.
    let rank: Timestamp
    /// When it was due.
    let runAt: Timestamp
    /// When it was claimed.
    let startedAt: Timestamp
    /// What had it put in.
    let origin: String?

    var key: Workload.Claim {
        Workload.Claim(
            job: job.id,
            lease: lease,
            kind: job.kind,
            attempt: job.attempt,
            origin: origin,
            // Wrapping, for who put an infinity into the table by hand.
            waited: .microseconds(max(0, startedAt.microseconds &- runAt.microseconds))
        )
    }

    var lane: Lane { Lane(kind: job.kind, park: job.park ?? "") }
}

/// Gives claimed jobs back without a charge.
struct ReleaseJobs: Command {
    static let sql = SQL("release_jobs", PackageResources.release_jobs_sql)
    let jobs: [Int64]
    let lease: Int64

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(jobs))
        parameters.append(lease)
    }
}

/// Gives back what a worker holds without knowing, since the answer to a claim was lost.
struct ReleaseStrays: Command {
    static let sql = SQL("release_strays", PackageResources.release_strays_sql)
    let worker: Int64
    /// The jobs it knows of.
    let known: [Int64]

    func bind(to parameters: inout Parameters) {
        parameters.append(worker)
        parameters.append(PostgresArray(known))
    }
}
