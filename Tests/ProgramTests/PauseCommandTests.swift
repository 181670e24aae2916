import Commands
import TestSupport
import Testing

/// `amenity queue pause`, `resume` and `prune` beside a worker.
@Suite("An operator at the queue", .needsPrograms, .timeLimit(.minutes(1)))
struct PauseCommandTests {
    private func queue(_ arguments: [String], on database: TestDatabase) async throws -> (
        ending: ChildProcess.Ending, output: [String], errors: [String]
    ) {
        try await run("amenity", ["queue"] + arguments + ["--database", database.conninfo.text])
    }

    private func json(_ arguments: [String], on database: TestDatabase) async throws -> JSONValue {
        let outcome = try await queue(arguments + ["--json"], on: database)
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.output.count == 1)
        return try JSONValue(parsing: (outcome.output.first ?? "").utf8)
    }

    @Test("pauses a kind under a worker's hands, sees why a job waits, and resumes it")
    func kind() async throws {
        try await withProbes { database, probes in
            let paused = try await json(["pause", "--kind", "probe", "--reason", "repair"], on: database)
            #expect(paused["paused"] == true && paused["changed"] == true && paused["reason"].string == "repair")
            try await withWorker("amenity-upkeep", on: database) { _ in
                let job = try await probes.enqueue([:])
                let again = try await json(["pause", "--kind", "probe"], on: database)
                #expect(again["changed"] == false && again["since"] == paused["since"])
                let shown = try await json(["show", "\(job)"], on: database)
                #expect(shown["state"].string == "ready")
                #expect(shown["reason"].string?.hasPrefix("the kind probe is paused since 20") == true)
                let status = try await queue(["status"], on: database)
                let line = try #require(status.output.first { $0.hasPrefix("kind    probe") }, "\(status.output)")
                #expect(line.hasSuffix("repair"))
                #expect(try await probes.count("state = 'done'") == 0)
                let resumed = try await queue(["resume", "--kind", "probe"], on: database)
                #expect(resumed.ending == .exit(0))
                #expect(resumed.output.first?.hasSuffix("-> open") == true, "\(resumed.output)")
                try await probes.wait(for: job, toBe: "done")
                #expect(try await json(["resume", "--kind", "probe"], on: database)["changed"] == false)
            }
            #expect(try await probes.exceptions() == [])
        }
    }

    @Test("pauses and resumes a park, whose jobs wait while others' are done")
    func park() async throws {
        try await withProbes { database, probes in
            try await probes.observer.execute(
                """
                select queue.enqueue('probe', '{}', 'jx-de') from generate_series(1, 20);
                select queue.enqueue('probe', '{}', 'jx-nl') from generate_series(1, 5);
                """
            )
            let paused = try await json(["pause", "--park", "jx-de"], on: database)
            #expect(paused["known"] == true)
            try await withWorker("amenity-upkeep", on: database) { _ in
                try await probes.observer.wait(
                    for: "(select count(*) from queue.job where park = 'jx-nl' and state = 'done') = 5"
                )
                #expect(try await probes.count("park = 'jx-de' and state = 'ready'") == 20)
                #expect(try await json(["resume", "--park", "jx-de"], on: database)["changed"] == true)
                try await probes.waitUntilDrained()
            }
            #expect(try await probes.exceptions() == [])
        }
    }

    @Test("drains: waits for the running jobs, and says 124 when they take too long")
    func drain() async throws {
        try await withProbes { database, probes in
            try await withWorker("amenity-upkeep", on: database) { _ in
                let job = try await probes.enqueue(["sleep_ms": 2500])
                try await probes.wait(for: job, toBe: "running")
                let short = try await queue(["pause", "--kind", "probe", "--wait", "1"], on: database)
                #expect(short.ending == .exit(124))
                #expect(short.errors.first?.contains("1 of its jobs still run") == true, "\(short.errors)")
                let drained = try await json(["pause", "--kind", "probe", "--wait", "60"], on: database)
                #expect(drained["running"] == .integer(0))
                #expect(try await probes.state(of: job) == "done")
            }
        }
    }

    @Test("is told of a name that nothing has, which is paused all the same")
    func unknown() async throws {
        try await withQueue { database, _ in
            for verb in ["pause", "resume", "resume"] {
                let outcome = try await queue([verb, "--kind", "prboe"], on: database)
                #expect(outcome.ending == .exit(0))
                #expect(outcome.output.count == 1)
                #expect(outcome.errors.isEmpty == (verb == "resume" && outcome.output[0].contains("->")))
            }
        }
    }

    @Test("prunes what ended long ago")
    func prune() async throws {
        try await withProbes { database, probes in
            try await withWorker("amenity-upkeep", on: database) { _ in
                try await probes.enqueue([:], count: 3)
                try await probes.waitUntilDrained()
            }
            #expect(try await json(["prune"], on: database)["outcomes"] == .integer(0))
            try await probes.observer.execute(
                "update queue.outcome set enqueued_at = now() - interval '3 d', finished_at = now() - interval '2 d' where id < 3"
            )
            let pruned = try await json(["prune", "--older-than", "1"], on: database)
            #expect(pruned["outcomes"] == .integer(2) && pruned["done"] == .integer(2), "\(pruned.text)")
            #expect(try await probes.count() == 1)
        }
    }

    @Test(
        "is told what is wrong with the command line",
        arguments: [
            ["pause"], ["pause", "--kind", "a", "--park", "b"], ["pause", "--kind", ""], ["resume"],
            ["pause", "--kind", "a", "--wait", "0"], ["pause", "--kind", "a", "--reason", ""],
            ["prune", "--older-than", "0"], ["prune", "--older-than", "x"],
        ]
    )
    func usage(_ arguments: [String]) async throws {
        let outcome = try await run("amenity", ["queue"] + arguments + ["--database", "host=/nonexistent dbname=none"])
        #expect(outcome.ending == .exit(2))
        #expect(outcome.output == [])
    }
}
