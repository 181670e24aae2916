import JobQueue
import Postgres
import TestSupport
import Testing

@Suite("Many jobs enqueued at once", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct EnqueueJobsTests {
    private struct Undone: Error {}

    private func withServer(_ body: (Pool, ServerObserver) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool { try await body($0, observer) }
    }

    private func enqueue(_ jobs: [NewJob], into pool: Pool) async throws -> [EnqueuedJob] {
        try await pool.enqueue(jobs, until: .after(.seconds(20)))
    }

    /// Jobs that can be told apart.
    private func jobs(_ kind: String, _ count: Int) -> [NewJob] {
        (0..<count).map { NewJob(kind: kind, payload: JSONText(#"{"n":\#($0)}"#)) }
    }

    @Test("are answered in their order")
    func order() async throws {
        try await withServer { pool, observer in
            let enqueued = try await enqueue(jobs("bulk_order", 500), into: pool)
            #expect(enqueued.count == 500)
            #expect(enqueued.allSatisfy { !$0.isDuplicate })
            let rows = try await observer.execute("select id, payload ->> 'n' from queue.job where kind = 'bulk_order'")
            let numbers = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
            #expect(numbers.count == 500)
            for (n, job) in enqueued.enumerated() { #expect(numbers["\(job.id)"] == "\(n)") }
        }
    }

    @Test("keep what each of them says")
    func properties() async throws {
        try await withServer { pool, observer in
            var jobs = jobs("bulk_properties", 3)
            jobs[0].park = "jx-de"
            jobs[1].priority = 7
            jobs[2].runAt = .distantFuture
            let ids = try await enqueue(jobs, into: pool).map(\.id)
            let rows = try await observer.execute(
                "select id, park, priority, state from queue.job where kind = 'bulk_properties' order by id"
            )
            #expect(rows[0] == ["\(ids[0])", "jx-de", "100", "ready"])
            #expect(rows[1] == ["\(ids[1])", nil, "7", "ready"])
            #expect(rows[2] == ["\(ids[2])", nil, "100", "scheduled"])
        }
    }

    @Test(
        "with a key that is taken, or twice among them, are duplicates of the first",
        arguments: [nil, Duration.seconds(60)]
    )
    func keys(uniqueFor: Duration?) async throws {
        try await withServer { pool, observer in
            // Keeping a key for a time of its own takes another way to the server.
            let kind = "bulk_keys_\(uniqueFor == nil ? "day" : "minute")"
            var jobs = jobs(kind, 5)
            for (index, key) in ["b", nil, "a", "b", nil].enumerated() {
                jobs[index].uniqueKey = key.map { "\(kind) \($0)" }
                jobs[index].uniqueFor = uniqueFor
            }
            let first = try await enqueue(jobs, into: pool)
            #expect(first.map(\.isDuplicate) == [false, false, false, true, false])
            #expect(first[3].id == first[0].id)
            let second = try await enqueue(jobs, into: pool)
            #expect(second.map(\.isDuplicate) == [true, false, true, true, false])
            #expect(second[2].id == first[2].id)
            #expect(try await observer.value("select count(*) from queue.job where kind = '\(kind)'") == "6")
        }
    }

    @Test("lay their payloads over those that wait, where they say so")
    func merging() async throws {
        try await withServer { pool, observer in
            let jobs = (1...3).map { n in
                NewJob(kind: "bulk_merge", payload: JSONText(#"{"\#(n)":true}"#), uniqueKey: "bulk_merge", merges: true)
            }
            let enqueued = try await enqueue(jobs, into: pool)
            #expect(Set(enqueued.map(\.id)).count == 1)
            let payload = try await observer.value("select payload from queue.job where kind = 'bulk_merge'")
            #expect(payload == #"{"1": true, "2": true, "3": true}"#)
        }
    }

    @Test("are all refused if one is, and none is there after a rollback")
    func allOrNone() async throws {
        try await withServer { pool, observer in
            var jobs = jobs("bulk_refused", 3)
            jobs[1].kind = ""
            await #expect(throws: PostgresError.self) { try await enqueue(jobs, into: pool) }
            jobs[1].kind = "bulk_refused"
            jobs[2].payload = JSONText("{")
            await #expect(throws: PostgresError.self) { try await enqueue(jobs, into: pool) }
            jobs[2].payload = JSONText("{}")
            await #expect(throws: Undone.self) {
                try await pool.withTransaction(until: .after(.seconds(20))) { session in
                    _ = try await session.enqueue(jobs)
                    throw Undone()
                }
            }
            let left = try await observer.value("select count(*) from queue.job where kind = 'bulk_refused'")
            #expect(left == "0")
            let none = try await enqueue([], into: pool)
            #expect(none.isEmpty)
        }
    }
}
