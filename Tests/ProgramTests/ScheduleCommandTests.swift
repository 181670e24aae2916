import Commands
import TestSupport
import Testing

/// `amenity queue schedule` beside a worker.
@Suite("An operator at the schedule", .needsPrograms, .timeLimit(.minutes(1)))
struct ScheduleCommandTests {
    private func schedule(_ arguments: [String], on database: TestDatabase) async throws -> (
        ending: ChildProcess.Ending, output: [String], errors: [String]
    ) {
        try await run("amenity", ["queue", "schedule"] + arguments + ["--database", database.conninfo.text])
    }

    private func json(_ arguments: [String], on database: TestDatabase) async throws -> JSONValue {
        let outcome = try await schedule(arguments + ["--json"], on: database)
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        return try JSONValue(parsing: outcome.output.joined().utf8)
    }

    @Test("makes, sees, changes, pauses, resumes and removes an entry")
    func life() async throws {
        try await withQueue { database, _ in
            let line = [
                "--cron", "30 2 * * *", "--zone", "europe/berlin", "--kind", "probe", "--payload", #"{"a":[1]}"#,
            ]
            let made = try await json(["set", "night"] + line, on: database)
            #expect(made["created"] == true && made["zone"].string == "Europe/Berlin" && made["backfill"] == 1)
            #expect(made["payload"]["a"].elements.count == 1)
            #expect(made["next"].elements.count == 3)
            for next in made["next"].elements {
                #expect(
                    next["local"].string?.contains(" 02:30 +0") == true
                        || next["local"].string?.contains(" 03:00 ") == true
                )
                #expect(next["utc"].string?.hasSuffix(":00Z") == true)
            }
            let shown = try await schedule(
                ["set", "night", "--cron", "0 3 * * MON-FRI", "--backfill", "0"],
                on: database
            )
            #expect(shown.output.first == "schedule night: changed 0 3 * * MON-FRI -> probe")
            #expect(shown.output.count == 5 && shown.output[1].hasPrefix("next in Europe/Berlin"), "\(shown.output)")
            #expect(try await json(["pause", "night"], on: database)["changed"] == true)
            #expect(try await json(["pause", "night"], on: database)["changed"] == false)
            let listed = try await json(["list"], on: database).elements
            #expect(listed.count == 1 && listed[0]["paused"] == true && listed[0]["next_due_at"].isNull)
            #expect(listed[0]["backfill"] == 0 && listed[0]["payload"]["a"].elements.count == 1)
            let resumed = try await schedule(["resume", "night"], on: database)
            #expect(resumed.output.first?.hasSuffix("-> running") == true)
            let table = try await schedule(["list"], on: database)
            #expect(
                table.output.count == 2 && table.output[1].hasPrefix("night  0 3 * * MON-FRI  Europe/Berlin  probe")
            )
            let trial = try await json(["set", "night", "--zone", "Asia/Shanghai", "--dry-run"], on: database)
            #expect(trial["zone"].string == "Asia/Shanghai" && trial["dry_run"] == true)
            #expect(try await json(["list"], on: database).elements.first?["zone"].string == "Europe/Berlin")
            #expect(try await json(["remove", "night"], on: database)["removed"] == true)
            for verb in ["remove", "pause", "resume"] {
                let outcome = try await schedule([verb, "night"], on: database)
                #expect(outcome.ending == .exit(3) && outcome.output == [])
            }
        }
    }

    @Test("finds what the upkeep program brings along, and is not overruled")
    func defaults() async throws {
        try await withQueue { database, observer in
            func start() async throws {
                try await withWorker("amenity-upkeep", on: database) { _ in
                    try await observer.wait(for: "exists (select from queue.schedule_default where name = 'prune')")
                }
            }
            func pruning() async throws -> JSONValue? {
                try await json(["list"], on: database).elements.first { $0["name"].string == "prune" }
            }
            try await start()
            let entry = try #require(try await pruning())
            #expect(entry["name"].string == "prune" && entry["kind"].string == "prune" && entry["paused"] == false)
            _ = try await json(["set", "prune", "--cron", "@weekly"], on: database)
            try await start()
            #expect(try await pruning()?["cron"].string == "@weekly")
            _ = try await json(["remove", "prune"], on: database)
            try await start()
            #expect(try await pruning() == nil)
        }
    }

    @Test("has one job done for what came due, with two workers at it")
    func fired() async throws {
        try await withProbes { database, probes in
            _ = try await json(
                ["set", "probes", "--cron", "* * * * *", "--kind", "probe", "--backfill", "5"],
                on: database
            )
            // As if nobody had been there for ten minutes.
            try await probes.observer.execute(
                """
                update queue.schedule set decided_until = date_trunc('minute', decided_until) - interval '10 minutes',
                    next_due_at = next_due_at - interval '10 minutes'
                """
            )
            try await withWorker("amenity-upkeep", on: database) { _ in
                try await withWorker("amenity-upkeep", on: database) { worker in
                    try await probes.observer.wait(for: "(select count(*) >= 5 from queue.job where state = 'done')")
                    _ = worker
                }
            }
            #expect(try await probes.exceptions() == [])
            let twice = try await probes.observer.value(
                """
                select count(*) - count(distinct payload -> '_schedule' ->> 'due_at') from queue.job where kind = 'probe'
                """
            )
            #expect(twice == "0")
            // A minute may have passed meanwhile, and no more than its job.
            #expect((5...6).contains(try await probes.count()))
        }
    }

    @Test(
        "is told what is wrong, before anything is asked of the database",
        arguments: [
            ["set", "a", "--cron", "61 * * * *"], ["set", "a", "--cron", "0 0 31 2 *"], ["set", "a", "--cron", ""],
            ["set", "A", "--cron", "@daily"], ["set", "a", "--payload", "[1]"], ["set", "a", "--payload", "{"],
            ["set", "a", "--backfill", "1001"], ["set", "a", "--backfill", "-1"], ["set", "a", "--kind", ""],
            ["set", "a", "--priority", "99999"], ["set"], ["remove"], ["pause", "a", "b"], ["set", "a", "--zone", ""],
        ]
    )
    func usage(_ arguments: [String]) async throws {
        let nowhere = ["--database", "host=/nonexistent dbname=none"]
        let outcome = try await run("amenity", ["queue", "schedule"] + arguments + nowhere)
        #expect(outcome.ending == .exit(2))
        #expect(outcome.output == [])
    }

    @Test("is told of a zone that there is not, and of what a new entry lacks")
    func refused() async throws {
        try await withQueue { database, _ in
            let line = ["--cron", "@daily", "--kind", "probe"]
            let zone = try await schedule(["set", "a", "--zone", "Berlin"] + line, on: database)
            #expect(zone.ending == .exit(2))
            #expect(zone.errors.first?.hasSuffix("did you mean Europe/Berlin?") == true, "\(zone.errors)")
            let incomplete = try await schedule(["set", "a", "--cron", "@daily"], on: database)
            #expect(incomplete.ending == .exit(2))
            #expect(try await json(["list"], on: database).elements.isEmpty)
        }
    }
}
