import Commands
import Glibc
import Postgres
import TestSupport
import Testing

/// Programs that tell and are told of new jobs.
@Suite("A new job", .needsPrograms, .timeLimit(.minutes(1)))
struct WakeTests {
    @Test("that the service enqueues is told to the workers")
    func service() async throws {
        try await withQueue { database, _ in
            try await withService(on: database) { service in
                try await database.hearing { heard in
                    let isTaken = try await withClient(service.address) { client in
                        try await client.call("requests.submit", ["text": "A school"]).isResult
                    }
                    #expect(isTaken)
                    let word = try await heard.next()
                    #expect(word == "request")
                }
                service.program.send(SIGTERM)
                #expect(try await service.program.ended() == .exit(0))
            }
        }
    }

    @Test("that an operator gives back is told to the workers")
    func operators() async throws {
        try await withProbes { database, queue in
            let job = try await queue.enqueue([:])
            try await queue.observer.execute("update queue.live set run_at = run_at + interval '1 hour'")
            try await database.hearing { heard in
                for arguments in [["retry", "\(job)"], ["resume", "--kind", "probe"]] {
                    let outcome = try await run(
                        "amenity",
                        ["queue"] + arguments + ["--database", database.conninfo.text]
                    )
                    #expect(outcome.ending == .exit(0), "\(outcome.errors)")
                    let word = try await heard.next()
                    #expect(word == "", "every kind")
                }
            }
        }
    }

    @Test("reaches a worker over a connection of its own, which it replaces when it is lost")
    func listening() async throws {
        try await withProbes { database, queue in
            try await withWorker("amenity-upkeep", on: database) { worker in
                try await worker.event("told of new jobs")
                let listener = """
                    select pid from pg_stat_activity
                    where datname = current_database() and application_name = 'amenity-upkeep listener'
                    """
                let first = try #require(try await queue.observer.value(listener))
                try await queue.observer.execute("select pg_terminate_backend(\(first))")
                try await queue.observer.wait(for: "exists (\(listener) and pid <> \(first))")
                let job = try await queue.enqueue([:])
                try await queue.wait(for: job, toBe: "done")
                worker.send(SIGTERM)
                #expect(try await worker.ended() == .exit(0))
            }
        }
    }

    @Test(
        "is found without listening and without a lock by a worker that polls only",
        arguments: [(["--poll-only"], [:]), ([], ["AMENITY_POLL_ONLY": "true"])] as [([String], [String: String])]
    )
    func pollOnly(arguments: [String], environment: [String: String]) async throws {
        try await withProbes { database, queue in
            try await withProgram("amenity-upkeep", switches(database, arguments), environment: environment) { worker in
                try await worker.event("registered")
                let job = try await queue.enqueue([:])
                try await queue.wait(for: job, toBe: "done")
                #expect(try await queue.observer.value("select poll_only from queue.worker") == "t")
                let listeners = """
                    select count(*) from pg_stat_activity
                    where datname = current_database() and application_name like '%listener'
                    """
                #expect(try await queue.observer.value(listeners) == "0")
                let locks = """
                    select count(*) from pg_locks where locktype = 'advisory' and classid = 7411
                        and database = (select oid from pg_database where datname = current_database())
                    """
                #expect(try await queue.observer.value(locks) == "0")
                worker.send(SIGTERM)
                #expect(try await worker.ended() == .exit(0))
                #expect(try await queue.observer.value("select count(*) from queue.worker") == "0")
            }
        }
    }

    @Test("of a worker that polls only and is killed is done by another once it has been silent")
    func killedPollOnly() async throws {
        try await withProbes { database, queue in
            let job = try await queue.enqueue(["sleep_ms": 1000])
            try await withProgram("amenity-upkeep", switches(database, ["--poll-only"])) { worker in
                try await queue.wait(for: job, toBe: "running")
                worker.send(SIGKILL)
                try await worker.ended()
            }
            try await withWorker("amenity-upkeep", on: database) { _ in try await queue.wait(for: job, toBe: "done") }
            #expect(try await queue.observer.value("select crashes from queue.job") == "1")
            #expect(try await queue.exceptions() == [])
        }
    }
}
