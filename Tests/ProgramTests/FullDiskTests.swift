import Commands
import TestSupport
import Testing

/// A disk that is full, as PostgreSQL tells it; a trigger says it in its place.
@Suite("A full disk", .needsPrograms, .timeLimit(.minutes(1)))
struct FullDiskTests {
    /// The words of the server, which name one of its files.
    private static let words = "could not extend file \"base/16384/2619\": No space left on device"

    private static func fill(_ table: String) -> String {
        """
        create function public.full_disk() returns trigger language plpgsql as $$
        begin
            raise exception using errcode = '53100', message = '\(words)', hint = 'Check free disk space.';
        end
        $$;
        create trigger full_disk before insert on \(table) for each row execute function public.full_disk()
        """
    }

    @Test("is told to who submits as it is, with when to try again, and without a path or SQL")
    func submission() async throws {
        try await withQueue { database, observer in
            try await observer.execute(Self.fill("intake.request"))
            try await withService(on: database) { service in
                try await withClient(service.address) { client in
                    let reply = try await client.call("requests.submit", ["text": "A dentist, please"])
                    #expect(reply.code == -32012)
                    #expect(reply.kind == "database_unavailable")
                    #expect(reply.message == "the database's disk is full: nothing was saved")
                    let data = reply.json["error"]["data"]
                    #expect(data["retryable"].bool == true)
                    #expect((data["retry_after_ms"].int ?? 0) >= 1000)
                    for leak in ["base/", "insert", "intake", "full_disk", "53100"] {
                        #expect(!reply.json.text.lowercased().contains(leak), "\(reply.json.text)")
                    }
                    #expect(try await observer.value("select count(*) from queue.job") == "0")
                    try await observer.execute("drop trigger full_disk on intake.request")
                    let second = try await client.call("requests.submit", ["text": "A dentist, please"])
                    #expect(second.result?["status"].string == "received")
                }
            }
        }
    }

    @Test("makes a job wait with the reason, and the job is done once there is room")
    func job() async throws {
        try await withProbes { database, queue in
            try await queue.observer.execute(Self.fill("queue.probe_effect"))
            let job = try await queue.enqueue([:])
            try await withWorker("amenity-upkeep", on: database) { worker in
                let failure = try await worker.event("job failed").event
                #expect(failure["error"].string?.contains("No space left on device") == true)
                #expect(failure["job.state"].string == "failed")
                let reason = try await queue.observer.value("select last_error from queue.job where id = \(job)")
                #expect(reason?.contains("No space left on device") == true)
                try await queue.observer.execute("drop trigger full_disk on queue.probe_effect")
                try await queue.wait(for: job, toBe: "done")
                #expect(try await queue.exceptions() == [])
            }
        }
    }
}
