package import Postgres

/// What an operator may do with the queue's schedule.
package struct ScheduleControl: Sendable {
    private let pool: Pool

    /// What an entry is to become; `nil` keeps what it is, or the default of a new one.
    package struct Change: Sendable {
        package let name: String
        package var cron: CronExpression?
        package var zone: String?
        package var kind: String?
        package var payload: JSONText?
        /// Empty for none.
        package var park: String?
        package var priority: Int16?
        package var backfill: Int?

        package init(name: String) { self.name = name }
    }

    /// What became of a change.
    package struct Outcome: Sendable {
        package let schedule: Schedule
        package let isNew: Bool
        package let isPaused: Bool
        /// The next ones by the rules known today, soonest first.
        package let firings: [Firing]
    }

    /// Whether a pause or its end changed anything.
    package struct Pausing: Sendable {
        /// Since when it is, or was, paused, as RFC 3339.
        package let since: String?
        package let isChanged: Bool
    }

    private struct NotWanted: Error {
        let outcome: Outcome
    }

    private static let shownFirings = 3

    package init(pool: Pool) { self.pool = pool }

    /// Makes an entry, or changes the one there is.
    ///
    /// With a new line or zone, only what is due from now on is fired.
    ///
    /// - Parameter isTrial: check and work everything out, and change nothing.
    /// - Throws: ``ScheduleError``; `PostgresError`; ``CronError`` where the table holds a line that is none, and no other is
    ///   given.
    package func set(_ change: Change, isTrial: Bool = false) async throws -> Outcome {
        let zone: String? = if let zone = change.zone { try await known(zone) } else { nil }
        do {
            return try await pool.withTransaction(until: .after(.seconds(30))) { session in
                let found = try await session.execute(FindSchedule(name: change.name))
                let schedule = try change.schedule(from: found, zone: zone)
                let (timetable, now) = try await session.timetable(of: schedule)
                var firings = [timetable.next(after: now)]
                while firings.count < Self.shownFirings {
                    firings.append(timetable.next(after: firings[firings.count - 1]))
                }
                let put = try await session.execute(PutSchedule(schedule: schedule, next: firings[0]))
                let outcome = Outcome(
                    schedule: schedule,
                    isNew: put.isNew,
                    isPaused: put.isPaused,
                    firings: firings.map { Firing($0, offset: timetable.zone.offset(at: $0)) }
                )
                if isTrial { throw NotWanted(outcome: outcome) }
                return outcome
            }
        } catch let trial as NotWanted {
            return trial.outcome
        }
    }

    /// Every entry as a JSON array.
    package func list() async throws(PostgresError) -> JSONText {
        try await pool.execute(ListSchedules(), until: .after(.seconds(30)))
    }

    /// Takes an entry out of the schedule; false if there is none of this name. What it has put into the queue stays there.
    package func remove(_ name: String) async throws(PostgresError) -> Bool {
        try await pool.execute(RemoveSchedule(name: name), until: .after(.seconds(30))) == 1
    }

    /// Has an entry fire no more until it is resumed; `nil` if there is none of this name.
    package func pause(_ name: String) async throws(PostgresError) -> Pausing? {
        try await pool.execute(PauseSchedule(name: name), until: .after(.seconds(30)))
    }

    /// Has a paused entry fire again, from now on; `nil` if there is none of this name.
    package func resume(_ name: String) async throws(PostgresError) -> Pausing? {
        try await pool.execute(ResumeSchedule(name: name), until: .after(.seconds(30)))
    }

    // MARK: Private

    /// The zone as the database spells it.
    private func known(_ zone: String) async throws -> String {
        // The list of zones is made of a folder of a thousand files: half a second on a cold disk.
        let found = try await pool.execute(FindZone(zone: zone), until: .after(.seconds(30)))
        guard let name = found.name else { throw ScheduleError.unknownZone(zone, similar: found.similar) }
        return name
    }
}

extension ScheduleControl.Change {
    /// The entry that it makes of the one there is.
    fileprivate func schedule(from found: FindSchedule.Row?, zone: String?) throws -> Schedule {
        guard let cron = try cron ?? found.map({ try CronExpression($0.cron) }), let kind = kind ?? found?.kind else {
            throw ScheduleError.incomplete(name: name)
        }
        var schedule = Schedule(name: name, cron: cron, kind: kind)
        schedule.zone = zone ?? found?.zone ?? schedule.zone
        schedule.payload = payload ?? found?.payload ?? schedule.payload
        schedule.park = (park ?? found?.park).flatMap { $0.isEmpty ? nil : $0 }
        schedule.priority = priority ?? found?.priority ?? schedule.priority
        schedule.backfill = backfill ?? found?.backfill ?? schedule.backfill
        return schedule
    }
}

extension Session {
    /// The entry's timetable, with the zone's rules around now, and the database's now.
    func timetable(of schedule: Schedule) async throws(PostgresError) -> (Timetable, now: Int) {
        let now = try await execute(ReadClock())
        return (Timetable(cron: schedule.cron, zone: try await offsets(of: schedule.zone, from: now, until: now)), now)
    }

    /// The zone's rules between two instants, and some time before and after.
    func offsets(of zone: String, from start: Int, until end: Int) async throws(PostgresError) -> ZoneOffsets {
        // Two days before, so that a repeated hour is known as such whenever one begins within it.
        let rows = try await execute(ReadZoneOffsets(zone: zone, start: start - 2 * 86_400, end: end))
        return ZoneOffsets(offset: rows.first?.offset ?? 0, changes: Array(rows.dropFirst()))
    }
}
