import Commands
import TestSupport
import Testing

/// Caps, many retries, warnings and explanations, from the command line beside a worker.
@Suite("An operator's commands at the queue", .needsPrograms, .timeLimit(.minutes(1)))
struct QueueCommandTests {
    private func queue(_ arguments: [String], on database: TestDatabase) async throws -> (
        ending: ChildProcess.Ending, output: [String], errors: [String]
    ) {
        try await run("amenity", ["queue"] + arguments + ["--database", database.conninfo.text])
    }

    private func json(_ arguments: [String], on database: TestDatabase, exit: Int32 = 0) async throws -> JSONValue {
        let outcome = try await queue(arguments + ["--json"], on: database)
        #expect(outcome.ending == .exit(exit), "\(outcome.errors)")
        #expect(outcome.output.count == 1)
        return try JSONValue(parsing: (outcome.output.first ?? "").utf8)
    }

    @Test("a cap holds under a worker's hands, is listed, said of a job that waits, and lifted")
    func cap() async throws {
        try await withProbes { database, probes in
            let capped = try await json(["cap", "--kind", "probe", "--running", "1"], on: database)
            #expect(
                capped["capped"] == true && capped["running"] == 1 && capped["rate"].isNull && capped["burst"].isNull
            )
            #expect(capped["known"] == false)
            try await withWorker("amenity-upkeep", on: database) { _ in
                try await probes.enqueue(["sleep_ms": 20_000], count: 3)
                try await probes.observer.wait(for: "exists (select from queue.job where state = 'running')")
                let waiting = try #require(try await probes.observer.value("select max(id) from queue.job"))
                let shown = try await queue(["show", waiting], on: database)
                #expect(
                    shown.output.contains("waits because  the kind probe has as many running jobs as it may, 1"),
                    "\(shown.output)"
                )
                let status = try await queue(["status"], on: database)
                #expect(status.output.contains { $0.hasPrefix("kind    probe   1 of 1") }, "\(status.output)")
                #expect(try await probes.count("state = 'running'") == 1)
                let lifted = try await queue(["uncap", "--kind", "probe"], on: database)
                #expect(lifted.output == ["kind probe: capped -> open"] && lifted.errors == [])
                try await probes.observer.wait(for: "(select count(*) from queue.job where state = 'running') = 3")
                #expect(try await json(["uncap", "--kind", "probe"], on: database)["changed"] == false)
            }
        }
    }

    @Test("a new cap replaces the old one, and both numbers may stand together")
    func replace() async throws {
        try await withQueue { database, observer in
            _ = try await json(["cap", "--park", "p", "--rate", "0.5"], on: database)
            let row = "select running, rate, burst, tokens from queue.cap"
            #expect(try await observer.execute(row) == [[nil, "0.5", "1", "1"]])
            let both = try await queue(
                ["cap", "--park", "p", "--running", "3", "--rate", "20", "--burst", "40"],
                on: database
            )
            #expect(
                both.output == [
                    "park p: at most 3 at once, and at most 20 a second, up to 40 of them together; 0 running now"
                ]
            )
            #expect(both.errors.first?.hasPrefix("note: no job of park p is known") == true)
            #expect(try await observer.execute(row) == [["3", "20", "40", "40"]])
            _ = try await json(["cap", "--park", "p", "--running", "1"], on: database)
            #expect(try await observer.execute("select running, rate from queue.cap") == [["1", nil]])
        }
    }

    @Test("dead jobs come back together, and 7 says that some could not")
    func retryDead() async throws {
        try await withProbes { database, probes in
            try await probes.observer.execute(
                """
                insert into queue.outcome (
                    id, kind, state, priority, attempt, crashes, enqueued_at, run_at, payload, unique_key
                )
                select nextval('queue.job_id'), 'probe', 'dead', 100, 5, 0, now(), now(), '{}', nullif('k' || i, 'k1')
                from generate_series(1, 4) i;
                select queue.enqueue('probe', '{}', unique_key => 'k2', run_at => now() + interval '1 h');
                """
            )
            let none = try await json(["retry", "--dead", "--kind", "other"], on: database)
            #expect(none.text == #"{"retried":0,"held":0}"#)
            let one = try await queue(["retry", "--dead", "--limit", "1"], on: database)
            #expect(one.ending == .exit(0) && one.output == ["1 dead jobs: dead -> ready"])
            let rest = try await queue(["retry", "--dead", "--kind", "probe"], on: database)
            #expect(rest.ending == .exit(7) && rest.output == ["2 dead jobs: dead -> ready"])
            #expect(rest.errors.first?.hasPrefix("amenity: 1 dead jobs stay dead, since another job holds") == true)
            try await withWorker("amenity-upkeep", on: database) { _ in
                try await probes.observer.wait(for: "(select count(*) from queue.job where state = 'done') = 3")
            }
            #expect(try await json(["retry", "--dead"], on: database, exit: 7)["held"] == 1)
            let single = try await queue(["retry", "2"], on: database)
            #expect(single.ending == .exit(5) && single.errors.first?.contains("unique key") == true)
            #expect(try await queue(["retry", "999"], on: database).ending == .exit(3))
        }
    }

    @Test("a kind that nobody handles and an old snapshot are warned of, with what to do")
    func warnings() async throws {
        try await withQueue { database, observer in
            try await observer.execute(
                """
                select queue.enqueue('ghost', '{}') from generate_series(1, 2);
                create or replace function queue.snapshot_holders() returns table (
                    what text, name text, program text, age double precision, state text, query text
                )
                language sql stable as $$ select 'session', '77', 'bob', 301.0::float8, 'idle in transaction', 'select 1' $$;
                """
            )
            let status = try await queue(["status"], on: database)
            #expect(status.ending == .exit(0))
            let warnings = status.output.filter { $0.hasPrefix("warning: ") }
            #expect(warnings.count == 2, "\(status.output)")
            #expect(
                warnings.first?.hasPrefix("warning: no worker handles the kind ghost, though jobs of it wait: 2.")
                    == true
            )
            #expect(
                warnings.last?.contains("(bob, idle in transaction, “select 1”) has held a snapshot for 5 min") == true
            )
            #expect(warnings.last?.hasSuffix("select pg_terminate_backend(77);") == true)
            #expect(status.output.contains { $0.hasPrefix("0 (current)") })
            let shown = try await queue(["show", "1"], on: database)
            #expect(shown.output.contains("waits because  no worker that handles the kind ghost is at work"))
        }
    }

    @Test("shows a waiting job's place and expected start")
    func place() async throws {
        try await withQueue { database, observer in
            try await observer.execute(
                """
                insert into queue.worker (program, host, pid, kinds, pace) values ('w', 'h', 1, '{probe}', 0.001);
                select queue.enqueue('probe', '{}', 'jx-de', origin => 'call-1') from generate_series(1, 3);
                """
            )
            let shown = try await queue(["show", "3"], on: database)
            #expect(shown.output.contains("place      3 among those of its kind in jx-de"), "\(shown.output)")
            #expect(shown.output.contains { $0.hasPrefix("expected   20") })
            #expect(shown.output.contains("put in by  call-1"))
            #expect(
                try await queue(["show", "1"], on: database).output.contains("place      next of its kind in jx-de")
            )
            #expect(try await json(["show", "2"], on: database)["position"] == 2)
        }
    }
}

/// What a worker tells on its admin port and in its log.
@Suite("A worker's telling", .needsPrograms, .timeLimit(.minutes(1)))
struct WorkerTellingTests {
    @Test("counts its jobs in its metrics, with how the queue stands, and says so when the database does not tell")
    func metrics() async throws {
        try await withProbes { database, probes in
            try await withWorker("amenity-upkeep", on: database) { worker in
                let admin = try await worker.event("admin listening").event["address"].string ?? ""
                try await probes.enqueue([:], count: 5)
                try await probes.waitUntilDrained()
                try await probes.observer.execute(
                    "select queue.enqueue('probe', '{}', run_at => now() + interval '1 h')"
                )
                // The worker hears of the last commit a moment after the observer.
                var lines: [Substring] = []
                repeat {
                    lines = try await adminGet("/metrics", of: admin).body.split(separator: "\n")
                    try Task.checkCancellation()
                } while !lines.contains(#"amenity_jobs_total{kind="probe",outcome="finished"} 5"#)
                for line in [
                    #"amenity_job_wait_seconds_count{kind="probe"} 5"#,
                    #"amenity_job_run_seconds_count{kind="probe"} 5"#,
                    "amenity_queue_up 1", #"amenity_queue_waiting{kind="probe"} 0"#,
                    #"amenity_queue_running{kind="probe"} 0"#,
                ] { #expect(lines.contains(Substring(line)), "\(line)") }
                try await probes.observer.execute("drop function queue.lanes")
                let body = try await adminGet("/metrics", of: admin).body
                #expect(body.hasSuffix("\namenity_queue_up 0"), "\(body.suffix(100))")
            }
        }
    }

    @Test("the id of the call that had a job put in stands in the worker's line of that job")
    func requestID() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            try await withService(on: database) { service in
                try await withWorker("amenity-requests", on: database) { worker in
                    try await withClient(service.address) { client in
                        let given = try await client.call(
                            "requests.submit",
                            ["text": "hospital", "park": "jx-de", "_meta": ["request_id": "mine-1"]]
                        )
                        #expect(given.isResult)
                        let (index, first) = try await worker.event("job finished")
                        #expect(first["rid"] == "mine-1" && first["job.kind"] == "request")
                        let made = try await client.call("requests.submit", ["text": "hospital", "park": "jx-de"])
                        let id = try #require(made.json["result"]["_meta"]["request_id"].string)
                        #expect(try await worker.event("job finished", from: index + 1).event["rid"].string == id)
                    }
                }
            }
        }
    }
}
