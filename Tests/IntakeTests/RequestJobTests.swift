import Foundation
import Intake
import JobQueue
import Postgres
import TestSupport
import Testing

/// What an asker learns of the job. A database of its own, since others' jobs would stand before.
@Suite("The job of a request", .needsServer, .timeLimit(.minutes(2)))
struct RequestJobTests {
    private static var soon: Deadline { .after(.seconds(60)) }

    private struct Record: Decodable {
        struct Job: Decodable {
            let id: Int64
            let state: String
            let position: Int?
            let expected_at: String?
            let reason: String?
        }
        let job: Job
    }

    private func withDesk(_ body: (Desk, ServerObserver) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            // A park, an amenity, and a worker that has lately done two jobs a second.
            try await observer.execute(
                """
                insert into queue.worker (program, host, pid, kinds, pace)
                values ('test', 'here', 1, '{request,feedback}', 2)
                """
            )
            try await database.withPool(leased: 4) { pool in try await body(Desk(pool: pool), observer) }
        }
    }

    private func job(of receipt: Receipt, at desk: Desk) async throws -> (job: Record.Job, text: String) {
        let json = try await desk.request(receipt.id, by: RecordKey(secret: receipt.secret), until: Self.soon)
        return (try JSONDecoder().decode(Record.self, from: Data(json.utf8)).job, json.text)
    }

    @Test("tells the asker its place in line and when it should start")
    func place() async throws {
        try await withDesk { desk, observer in
            var receipts: [Receipt] = []
            for _ in 0..<3 {
                receipts.append(
                    try await desk.submit(RequestDraft(text: "school"), origin: "call", until: Self.soon)
                )
            }
            for (index, receipt) in receipts.enumerated() {
                let (job, _) = try await job(of: receipt, at: desk)
                #expect(job.state == "ready" && job.position == index + 1 && job.reason == nil)
                // Half a second for each job up to and with this one.
                let expected = try #require(job.expected_at)
                let seconds = try await observer.value("select extract(epoch from '\(expected)'::timestamptz - now())")
                let ahead = try #require(seconds.flatMap { Double($0) })
                #expect(ahead <= Double(index + 1) / 2 && ahead > Double(index + 1) / 2 - 30)
            }
            #expect(try await observer.value("select count(*) from queue.live where origin = 'call'") == "3")
            try await observer.execute(
                "delete from queue.live where id = \(try await job(of: receipts[0], at: desk).job.id)"
            )
            #expect(try await job(of: receipts[2], at: desk).job.position == 2)
        }
    }

    @Test("says neither when nor why operators hold it back, nor who does")
    func paused() async throws {
        try await withDesk { desk, observer in
            let receipt = try await desk.submit(RequestDraft(text: "school"), until: Self.soon)
            try await observer.execute(
                "insert into queue.pause (scope, name, paused_by, reason) values ('kind', 'request', 'bob', 'fire drill')"
            )
            let (job, text) = try await job(of: receipt, at: desk)
            #expect(job.state == "ready" && job.position == nil && job.expected_at == nil && job.reason == nil)
            for word in ["bob", "fire drill", "paused"] { #expect(!text.contains(word), "\(text)") }
        }
    }

    @Test("says that it waits to be tried again and when, but not what went wrong")
    func failed() async throws {
        try await withDesk { desk, observer in
            let receipt = try await desk.submit(RequestDraft(text: "school"), until: Self.soon)
            try await observer.execute(
                """
                update queue.live
                set attempt = 1, later = true, run_at = now() + interval '1 h', last_error = 'relation is missing'
                """
            )
            let (failed, text) = try await job(of: receipt, at: desk)
            #expect(failed.state == "failed" && failed.reason == "waits_to_be_retried" && failed.expected_at != nil)
            #expect(!text.contains("relation is missing"))
            try await observer.execute(
                "update queue.live set later = false, run_at = now(), lease = 1, worker = 1, deadline = now() + interval '1 h'"
            )
            let (running, _) = try await job(of: receipt, at: desk)
            #expect(running.state == "running" && running.expected_at == nil && running.position == nil)
        }
    }

    @Test("is told of feedback alike")
    func feedback() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool(leased: 4) { pool in
                let desk = Desk(pool: pool)
                let draft = FeedbackDraft(amenity: "jiaxing-first-hospital", stars: 4)
                _ = try await desk.submit(draft, until: Self.soon)
                let receipt = try await desk.submit(draft, origin: "call", until: Self.soon)
                func record() async throws -> (job: Record.Job, text: String) {
                    let json = try await desk.feedback(
                        receipt.id,
                        by: RecordKey(secret: receipt.secret),
                        until: Self.soon
                    )
                    return (try JSONDecoder().decode(Record.self, from: Data(json.utf8)).job, json.text)
                }
                // Nobody is at work, which is no business of the asker.
                let (lone, text) = try await record()
                #expect(lone.state == "ready" && lone.position == nil && !text.contains("worker"))
                try await observer.execute(
                    "insert into queue.worker (program, host, pid, kinds, pace) values ('t', 'h', 1, '{feedback}', 4)"
                )
                let (waiting, _) = try await record()
                #expect(waiting.position == 2 && waiting.expected_at != nil)
            }
        }
    }
}
