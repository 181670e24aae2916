import Postgres
import TestSupport
import Testing

@testable import JobQueue

@Suite("The schedule", .needsServer, .timeLimit(.minutes(2)))
struct ScheduleTests {
    private struct Crash: Error {}

    @Test("makes one job for a due time, which knows its due time")
    func fires() async throws {
        try await withScheduleStage(clock: "2026-01-05 08:58:30Z") { stage in
            let outcome = try await stage.set("work", "0 9 * * MON-FRI", zone: "Europe/Berlin") { change in
                change.payload = JSONText(#"{"a":1}"#)
                change.park = "jx-de"
                change.priority = 7
            }
            #expect(outcome.isNew && !outcome.isPaused)
            #expect(
                outcome.firings.map(\.utc) == ["2026-01-06T08:00:00Z", "2026-01-07T08:00:00Z", "2026-01-08T08:00:00Z"]
            )
            #expect(outcome.firings[0].local == "2026-01-06 09:00 +01:00")
            try await stage.fire(at: "2026-01-06 07:59:59.999Z")
            #expect(try await stage.dueTimes("work") == [])
            try await stage.fire(at: "2026-01-06 08:00:00Z")
            let job = try await stage.observer.execute(
                "select kind, payload, park, priority, state, unique_key, run_at from queue.job"
            )
            let payload = #"{"a": 1, "_schedule": {"name": "work", "due_at": "2026-01-06T08:00:00Z"}}"#
            #expect(job == [["kind", payload, "jx-de", "7", "ready", nil, "2026-01-06 08:00:00+00"]])
            #expect(try await stage.observer.value("select origin from queue.live") == "schedule work")
            let firing = try await stage.observer.execute(
                "select schedule, due_at, job = (select id from queue.job) from queue.schedule_firing"
            )
            #expect(firing == [["work", "2026-01-06 08:00:00+00", "t"]])
            #expect(try await stage.column("next_due_at", of: "work") == "2026-01-07 08:00:00+00")
            #expect(try await stage.column("last_due_at", of: "work") == "2026-01-06 08:00:00+00")
            guard case .scheduleFired("work", 1) = try await stage.log.next() else { throw Crash() }
            // Looking again fires nothing again.
            try await stage.fire(at: "2026-01-06 08:00:00.5Z")
            #expect(try await stage.dueTimes("work").count == 1)
        }
    }

    @Test("fires each due time once, however many processes look at the same moment", arguments: [2, 8])
    func race(processes: Int) async throws {
        try await withScheduleStage(clock: "2026-01-01 00:00:00Z") { stage in
            let names = ["a", "b", "c", "d", "e"]
            for name in names { try await stage.set(name, "* * * * *") }
            for minute in 1...15 {
                try await stage.set(clock: "2026-01-01 00:\(minute):00Z")
                try await withThrowingTaskGroup { group in
                    for _ in 0..<processes {
                        group.addTask { _ = try await stage.scheduler().fireWhatIsDue() }
                    }
                    try await group.waitForAll()
                }
            }
            let expected = (1...15).map { "2026-01-01T00:\($0 < 10 ? "0" : "")\($0):00Z" }
            for name in names { #expect(try await stage.dueTimes(name) == expected) }
            #expect(try await stage.observer.value("select count(distinct job) from queue.schedule_firing") == "75")
        }
    }

    @Test("loses and doubles nothing when a process dies while it fires")
    func crash() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:00:30Z") { stage in
            try await stage.set("a", "* * * * *")
            try await stage.set(clock: "2026-01-01 00:01:00Z")
            await #expect(throws: Crash.self) {
                try await stage.pool.withTransaction(until: .after(.seconds(20))) { session in
                    let fired = try #require(try await Scheduler.fireNext(over: session))
                    #expect(fired.jobs == 1)
                    // Nobody else takes it meanwhile, or waits.
                    #expect(try await stage.scheduler().fireWhatIsDue() == false)
                    throw Crash()
                }
            }
            #expect(try await stage.dueTimes("a") == [])
            await #expect(throws: PostgresError.self) {
                try await stage.pool.withTransaction(until: .after(.seconds(20))) { session in
                    #expect(try await Scheduler.fireNext(over: session)?.jobs == 1)
                    try await stage.observer.kill(session.processID)
                }
            }
            #expect(try await stage.dueTimes("a") == [])
            #expect(try await stage.scheduler().fireWhatIsDue())
            #expect(try await stage.dueTimes("a") == ["2026-01-01T00:01:00Z"])
        }
    }

    @Test(
        "makes up for so many missed due times as are wanted, the latest",
        arguments: [
            (0, "2026-01-02 12:30:00Z", []), (0, "2026-01-02 12:00:59Z", ["12"]), (1, "2026-01-02 12:30:00Z", ["12"]),
            (3, "2026-01-02 12:30:00Z", ["10", "11", "12"]),
        ]
    )
    func backfill(count: Int, clock: String, expected: [String]) async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "@hourly", backfill: count)
            try await stage.fire(at: clock)
            #expect(try await stage.dueTimes("a") == expected.map { "2026-01-02T\($0):00:00Z" })
            // What was given up stays so.
            try await stage.set("a", backfill: 1000)
            try await stage.fire(at: "2026-01-02 12:59:59Z")
            #expect(try await stage.dueTimes("a").count == expected.count)
            try await stage.fire(at: "2026-01-02 13:00:00Z")
            #expect(try await stage.dueTimes("a").last == "2026-01-02T13:00:00Z")
        }
    }

    @Test("does not make up for a year at once")
    func longDowntime() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "* * * * *", zone: "Europe/Berlin", backfill: 1000)
            try await stage.fire(at: "2027-01-01 00:30:00Z")
            let due = try await stage.dueTimes("a")
            #expect(due.count == 1000 && due.first == "2026-12-31T07:51:00Z" && due.last == "2027-01-01T00:30:00Z")
        }
    }

    @Test("with another line or zone fires what is due from then on, and never the past")
    func changed() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "@hourly", backfill: 10)
            try await stage.set(clock: "2026-01-01 05:30:00Z")
            try await stage.set("a", "*/15 * * * *")
            try await stage.fire(at: "2026-01-01 05:44:59Z")
            #expect(try await stage.dueTimes("a") == [])
            try await stage.fire(at: "2026-01-01 05:45:00Z")
            #expect(try await stage.dueTimes("a") == ["2026-01-01T05:45:00Z"])
            try await stage.set("a", "0 9 * * *")
            try await stage.set(clock: "2026-01-01 09:30:00Z")
            try await stage.set("a", zone: "Europe/Berlin")
            try await stage.fire(at: "2026-01-02 07:59:59Z")
            #expect(try await stage.dueTimes("a").count == 1)
            try await stage.fire(at: "2026-01-02 08:00:00Z")
            #expect(try await stage.dueTimes("a").last == "2026-01-02T08:00:00Z")
        }
    }

    @Test("with another payload alone still fires what is due")
    func changedPayload() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "@hourly") { $0.park = "jx-de" }
            try await stage.set(clock: "2026-01-01 05:30:00Z")
            let outcome = try await stage.set("a") { change in
                change.payload = JSONText(#"{"b":2}"#)
                change.park = ""
            }
            #expect(!outcome.isNew && outcome.schedule.cron.text == "@hourly" && outcome.schedule.park == nil)
            try await stage.scheduler().fireWhatIsDue()
            #expect(try await stage.dueTimes("a") == ["2026-01-01T05:00:00Z"])
            #expect(try await stage.observer.value("select payload ->> 'b' from queue.job where park is null") == "2")
        }
    }

    @Test("that is tried out alone is not changed")
    func trial() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            var change = ScheduleControl.Change(name: "a")
            await #expect(throws: ScheduleError.incomplete(name: "a")) { try await stage.control.set(change) }
            change.cron = try CronExpression("@daily")
            change.kind = "kind"
            let outcome = try await stage.control.set(change, isTrial: true)
            #expect(outcome.isNew && outcome.firings[0].utc == "2026-01-02T00:00:00Z")
            #expect(try await stage.observer.value("select count(*) from queue.schedule") == "0")
        }
    }

    @Test("refuses a payload that no job may have, and keeps what it was")
    func largePayload() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "@hourly")
            let error = await #expect(throws: PostgresError.self) {
                try await stage.set("a") { change in
                    change.payload = JSONText(#"{"a":"\#(String(repeating: "x", count: 300_000))"}"#)
                }
            }
            #expect(error?.description.contains("larger than") == true, "\(error?.description ?? "")")
            #expect(try await stage.column("payload", of: "a") == "{}")
        }
    }

    @Test("fires nothing while it is paused, nor afterwards what was due meanwhile")
    func paused() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "@hourly", backfill: 10)
            #expect(try await stage.control.pause("a")?.isChanged == true)
            let again = try await stage.control.pause("a")
            #expect(again?.isChanged == false && again?.since == "2026-01-01T00:30:00+00:00")
            try await stage.fire(at: "2026-01-01 03:30:00Z")
            #expect(try await stage.dueTimes("a") == [])
            // A change does not end the pause.
            #expect(try await stage.set("a", "*/30 * * * *").isPaused)
            try await stage.fire(at: "2026-01-01 04:30:00Z")
            #expect(try await stage.control.resume("a")?.isChanged == true)
            #expect(try await stage.control.resume("a")?.isChanged == false)
            try await stage.fire(at: "2026-01-01 04:30:20Z")
            #expect(try await stage.dueTimes("a") == [])
            #expect(try await stage.column("next_due_at", of: "a") == "2026-01-01 05:00:00+00")
            try await stage.fire(at: "2026-01-01 05:00:00Z")
            #expect(try await stage.dueTimes("a") == ["2026-01-01T05:00:00Z"])
            #expect(try await stage.control.pause("nobody") == nil)
            #expect(try await stage.control.resume("nobody") == nil)
        }
    }

    @Test("waits with a pause for a firing under way")
    func pauseDuringFiring() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "@hourly")
            try await stage.set(clock: "2026-01-01 01:00:00Z")
            async let pause: ScheduleControl.Pausing? = {
                try await stage.observer.wait(
                    for:
                        "exists (select from pg_locks join pg_database on pg_database.oid = database where datname = current_database() and objid = 43)"
                )
                return try await stage.control.pause("a")
            }()
            try await stage.pool.withTransaction(until: .after(.seconds(20))) { session in
                #expect(try await Scheduler.fireNext(over: session)?.jobs == 1)
                _ = try await session.command(SQL("signal", "select pg_advisory_xact_lock(43)"))
                try await stage.other.wait(
                    for: """
                        exists (
                            select from pg_stat_activity
                            where datname = current_database() and wait_event_type = 'Lock' and query like '%pause_schedule%'
                        )
                        """
                )
            }
            #expect(try await pause?.isChanged == true)
            #expect(try await stage.dueTimes("a").count == 1)
            try await stage.fire(at: "2026-01-01 02:00:00Z")
            #expect(try await stage.dueTimes("a").count == 1)
        }
    }

    @Test("of one entry that can't be fired does not hold up the others, and says why")
    func trouble() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            for name in ["a", "b", "c"] { try await stage.set(name, "@hourly") }
            try await stage.observer.execute(
                """
                update queue.schedule set cron = '61 * * * *' where name = 'a';
                update queue.schedule set zone = 'Atlantis/Poseidonis' where name = 'b';
                """
            )
            try await stage.fire(at: "2026-01-01 01:00:00Z")
            try await stage.fire(at: "2026-01-01 01:01:00Z")
            #expect(try await stage.dueTimes("c") == ["2026-01-01T01:00:00Z"])
            #expect(try await stage.column("trouble", of: "a")?.contains("“61” is above 59") == true)
            #expect(try await stage.column("trouble", of: "b")?.contains("Atlantis/Poseidonis") == true)
            // Told once, though it was tried twice.
            var told: [String] = []
            for _ in 0..<3 {
                switch try await stage.log.next() {
                case .scheduleFailed(let name, _), .scheduleFired(let name, _): told.append(name)
                default: break
                }
            }
            #expect(told == ["a", "b", "c"])
            // Every minute, and not all the time.
            #expect(try await stage.pool.execute(NextLook(), until: .after(.seconds(20))) == 60)
            #expect(try await stage.control.list().text.contains("“61” is above 59"))
            let status = try await QueueInspector(pool: stage.pool).status(
                tellsQueries: true,
                until: .after(.seconds(20))
            )
            #expect(
                status.text.contains(#""troubled_schedules" : [{"name" : "a""#)
                    && !status.text.contains(#""name" : "c""#)
            )
            await #expect(throws: CronError.self) { try await stage.set("a", backfill: 2) }
            try await stage.set("a", "@hourly")
            #expect(try await stage.column("trouble", of: "a") == nil)
            try await stage.observer.execute("update queue.schedule set zone = 'UTC' where name = 'b'")
            try await stage.fire(at: "2026-01-01 02:00:00Z")
            #expect(try await stage.column("trouble", of: "b") == nil)
            #expect(try await stage.dueTimes("a") == ["2026-01-01T02:00:00Z"])
            #expect(try await stage.dueTimes("b") == ["2026-01-01T02:00:00Z"])
        }
    }

    @Test("forgets firings after a month, and an entry's with the entry")
    func forgets() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "@daily", backfill: 1000)
            try await stage.fire(at: "2026-01-20 00:00:00Z")
            #expect(try await stage.observer.value("select count(*) from queue.schedule_firing") == "19")
            try await stage.fire(at: "2026-02-10 00:00:00Z")
            try await stage.fire(at: "2026-02-11 00:00:00Z")
            #expect(
                try await stage.observer.value("select min(due_at) from queue.schedule_firing")
                    == "2026-01-12 00:00:00+00"
            )
            #expect(try await stage.control.remove("a"))
            #expect(try await stage.control.remove("a") == false)
            #expect(try await stage.observer.value("select count(*) from queue.schedule_firing") == "0")
            #expect(try await stage.dueTimes("a").count == 41)
        }
    }

    @Test("gets what a program brings along once, and keeps what operators make of it")
    func defaults() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            let cron = CronExpression(dailyAtHour: 3, minute: 17)
            let defaults = ["a", "b", "c"].map { Schedule(name: $0, cron: cron, zone: "Asia/Shanghai", kind: "kind") }
            try await stage.set("c", "@hourly")
            try await stage.scheduler(defaults).register()
            #expect(try await stage.column("next_due_at", of: "a") == "2026-01-01 19:17:00+00")
            #expect(try await stage.column("cron", of: "c") == "@hourly")
            try await stage.set("a", "@weekly")
            _ = try await stage.control.pause("a")
            _ = try await stage.control.remove("b")
            // Another start, of several processes at once.
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try await stage.scheduler(defaults).register() } }
                try await group.waitForAll()
            }
            let left = try await stage.observer.execute(
                "select name, cron, paused_at is null from queue.schedule order by name"
            )
            #expect(left == [["a", "@weekly", "f"], ["c", "@hourly", "t"]])
        }
    }

    @Test("is listed with what was fired last and comes next")
    func list() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            #expect(try await stage.control.list().text == "[]")
            try await stage.set("a", "@hourly")
            try await stage.fire(at: "2026-01-01 01:00:00Z")
            let text = try await stage.control.list().text
            for part in [
                #""next_due_at" : "2026-01-01T02:00:00+00:00""#, #""last_due_at" : "2026-01-01T01:00:00+00:00""#,
                #""last_job_state" : "ready""#, #""paused" : false"#,
            ] {
                #expect(text.contains(part), "\(text)")
            }
        }
    }

    @Test(
        "an entry without a name, a kind or an object for payload is refused by the table too",
        arguments: [
            "'A', 'kind', '{}'", "'', 'kind', '{}'", "'a', '', '{}'", "'a', 'kind', '[]'", "'-a', 'kind', '{}'",
        ]
    )
    func badRows(values: String) async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            await #expect(throws: PostgresError.self) {
                try await stage.observer.execute(
                    """
                    insert into queue.schedule (name, kind, payload, cron, zone, decided_until, next_due_at)
                    select \(values), '@daily', 'UTC', now(), now()
                    """
                )
            }
        }
    }

    @Test(
        "knows a name that can be one",
        arguments: [
            ("prune", true), ("a", true), ("0.a-b_c", true), (String(repeating: "a", count: 63), true),
            ("", false), ("A", false), (".a", false), ("-a", false), ("_a", false), ("a b", false), ("ä", false),
            (String(repeating: "a", count: 64), false),
        ]
    )
    func names(text: String, isName: Bool) { #expect(Schedule.isName(text) == isName) }
}
