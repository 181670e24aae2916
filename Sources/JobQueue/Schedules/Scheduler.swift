import Postgres

/// Puts the jobs of the queue's schedule into the queue when they are due.
///
/// Every worker process runs one, and there is no leader: whoever comes first to an entry that is due locks it, and its
/// jobs, the record of its firing and its next due time commit together. Only the database's clock counts.
struct Scheduler: Sendable {
    let pool: Pool
    /// Entries that this program brings along.
    let defaults: [Schedule]
    let observer: @Sendable (QueueEvent) -> Void

    /// How long a change of the schedule may go unnoticed. A look at a schedule in which nothing is due is one statement
    /// of a fraction of a millisecond.
    private static let longestPause = Duration.seconds(10)
    /// When others are at all that is due.
    private static let pauseForOthers = Duration.seconds(1)
    /// The processes come one by one to what is due, so that most of them find it done.
    private static let spread = Duration.milliseconds(250)

    /// Works until the task is cancelled.
    func run() async {
        var isRegistered = false
        while !Task.isCancelled {
            do {
                if !isRegistered {
                    try await register()
                    isRegistered = true
                }
                let seconds = try await pool.execute(NextLook(), until: .after(.seconds(5)))
                if let seconds, seconds <= 0, try await fireWhatIsDue() { continue }
                try await Task.sleep(for: Self.pause(until: seconds, jitter: .random(in: 0..<1)))
            } catch {
                if Task.isCancelled { return }
                observer(.databaseTrouble(reason: "\(error)"))
                await Worker.pause(Self.longestPause)
            }
        }
    }

    /// How long to sleep when the next entry must be looked at in so many seconds, or there is none.
    static func pause(until seconds: Double?, jitter: Double) -> Duration {
        guard let seconds else { return longestPause }
        guard seconds > 0 else { return pauseForOthers * (0.5 + jitter / 2) }
        return min(.seconds(seconds), longestPause) + spread * jitter
    }

    /// Puts in the entries that the program brings along, those that it has never put in before.
    func register() async throws {
        for schedule in defaults {
            try await pool.withTransaction(until: .after(.seconds(10))) { session in
                let (timetable, now) = try await session.timetable(of: schedule)
                _ = try await session.execute(RegisterSchedule(schedule: schedule, next: timetable.next(after: now)))
            }
        }
    }

    /// Fires every entry that is due and that no other process is at; false if there was none.
    @discardableResult
    func fireWhatIsDue() async throws -> Bool {
        var count = 0
        while !Task.isCancelled, try await fireOne() { count += 1 }
        return count > 0
    }

    /// Fires one entry as part of the session's transaction; `nil` if there is none to be looked at.
    static func fireNext(over session: Session) async throws -> (name: String, jobs: Int)? {
        guard let entry = try await session.execute(TakeDueSchedule()) else { return nil }
        do {
            let zone = try await session.offsets(
                of: entry.zone,
                from: min(entry.decidedUntil, entry.now),
                until: entry.now
            )
            let due = DueTimes(
                Timetable(cron: try CronExpression(entry.cron), zone: zone),
                decidedUntil: entry.decidedUntil,
                now: entry.now,
                backfill: entry.backfill
            )
            return (entry.name, try await session.execute(FireSchedule(name: entry.name, due: due, now: entry.now)))
        } catch let error as CronError {
            throw Trouble(name: entry.name, reason: "\(error)")
        } catch let error as PostgresError where error.liesInTheEntry {
            throw Trouble(name: entry.name, reason: "\(error)")
        }
    }

    // MARK: Private

    /// A reason that lies in one entry, which must not hold up the others.
    private struct Trouble: Error {
        let name: String
        let reason: String
    }

    private func fireOne() async throws -> Bool {
        do {
            let fired = try await pool.withTransaction(until: .after(.seconds(10))) { session in
                try await Self.fireNext(over: session)
            }
            guard let fired else { return false }
            if fired.jobs > 0 { observer(.scheduleFired(name: fired.name, jobs: fired.jobs)) }
        } catch let trouble as Trouble {
            let note = NoteTrouble(name: trouble.name, reason: trouble.reason)
            let isNews = try await pool.execute(note, until: .after(.seconds(5)))
            if isNews == true { observer(.scheduleFailed(name: trouble.name, reason: trouble.reason)) }
        }
        return true
    }
}

extension PostgresError {
    /// Whether it will come again with the same entry, and not with others: values that are invalid, missing or too large
    /// (22, 23, 54), such as a zone that is not known, and whatever somebody's trigger raises (P0). A server that shuts
    /// down, or a deadlock, is nobody's fault.
    fileprivate var liesInTheEntry: Bool { ["22", "23", "54", "P0"].contains(sqlState?.family) }
}
