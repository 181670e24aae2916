import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// A queue with a schedule, on a database whose clock stands still until the test sets it.
struct ScheduleStage {
    let pool: Pool
    let observer: ServerObserver
    /// Another pair of eyes, for while the first waits.
    let other: ServerObserver
    let log = EventLog<QueueEvent>()

    var control: ScheduleControl { ScheduleControl(pool: pool) }

    /// One process's scheduler.
    func scheduler(_ defaults: [Schedule] = []) -> Scheduler {
        Scheduler(pool: pool, defaults: defaults) { [log] in log.record($0) }
    }

    /// Sets the database's clock, such as `2026-03-29 01:00:00Z`.
    func set(clock: String) async throws { try await observer.execute("update test.clock set at = '\(clock)'") }

    /// Sets the clock and fires what is due.
    func fire(at clock: String) async throws {
        try await set(clock: clock)
        try await scheduler().fireWhatIsDue()
    }

    /// Makes an entry of `kind` jobs.
    @discardableResult
    func set(
        _ name: String,
        _ cron: String? = nil,
        zone: String? = nil,
        backfill: Int? = nil,
        change: (inout ScheduleControl.Change) -> Void = { _ in }
    ) async throws -> ScheduleControl.Outcome {
        var wish = ScheduleControl.Change(name: name)
        wish.cron = try cron.map { try CronExpression($0) }
        wish.zone = zone
        wish.kind = "kind"
        wish.backfill = backfill
        change(&wish)
        return try await control.set(wish)
    }

    /// The due times of the jobs that an entry has made, in order, as the jobs themselves say.
    func dueTimes(_ name: String) async throws -> [String] {
        try await observer.execute(
            """
            select payload -> '_schedule' ->> 'due_at' from queue.job
            where payload -> '_schedule' ->> 'name' = '\(name)' order by id
            """
        ).compactMap { $0[0] }
    }

    /// A column of an entry's row, with instants in UTC.
    func column(_ column: String, of name: String) async throws -> String? {
        try await observer.value("select \(column) from queue.schedule where name = '\(name)'")
    }
}

/// Lends a stage whose clock shows the given time.
func withScheduleStage(clock: String, _ body: (ScheduleStage) async throws -> Void) async throws {
    try await withDatabase { database in
        try await database.migrate()
        let observer = try await database.observer()
        defer { observer.close() }
        try await observer.execute(
            """
            create schema test;
            create table test.clock (at timestamptz);
            insert into test.clock values ('\(clock)');
            create or replace function queue.now() returns timestamptz language sql volatile
                as $$ select at from test.clock $$;
            alter database \(database.name) set timezone = 'UTC';
            set timezone = 'UTC';
            """
        )
        let other = try await database.observer()
        defer { other.close() }
        try await database.withPool(shared: 1, leased: 8) { pool in
            try await body(ScheduleStage(pool: pool, observer: observer, other: other))
        }
    }
}
