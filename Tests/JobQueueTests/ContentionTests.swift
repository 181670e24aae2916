import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// Claims, rescues and rotations beside transactions of others that are not committed yet.
@Suite("Beside somebody's open transaction", .needsServer, .timeLimit(.minutes(2)))
struct ContentionTests {
    /// Lends a second session that gives up at once where it would have to wait.
    private func withImpatient(_ body: (TestQueue, ServerObserver) async throws -> Void) async throws {
        try await TestQueue.with { queue in
            let other = try await queue.database.observer()
            defer { other.close() }
            try await other.execute("set lock_timeout = '10ms'")
            try await body(queue, other)
        }
    }

    @Test("that claims jobs, another claim does not wait for it and takes the next")
    func claims() async throws {
        try await withImpatient { queue, other in
            let jobs = [try await queue.enqueue("a"), try await queue.enqueue("a")]
            try await queue.observer.execute("begin; select from queue.claim(1, '{a}', '{60}', 1)")
            let rows = try await other.execute("select id from queue.claim(2, '{a}', '{60}', 2)")
            try await queue.observer.execute("commit")
            #expect(rows == [["\(jobs[1])"]])
            #expect(try await queue.observer.value("select worker from queue.live where id = \(jobs[0])") == "1")
        }
    }

    @Test("that claims a job to run it alone, another takes the next such job or none")
    func suspects() async throws {
        try await withImpatient { queue, other in
            let job = try await queue.enqueue("a")
            try await queue.observer.execute("update queue.live set crashes = 1")
            let claim = "queue.claim(1, '{a}', '{60}', 1, alone => true, most_crashes => 2)"
            try await queue.observer.execute("begin; select from \(claim)")
            #expect(try await other.execute("select id from \(claim)") == [])
            try await queue.observer.execute("rollback")
            #expect(try await other.execute("select id from \(claim)") == [["\(job)"]])
        }
    }

    @Test("that makes due jobs claimable, another claim does not wait for it")
    func promotions() async throws {
        try await withImpatient { queue, other in
            _ = try await queue.enqueue("a", ", run_at => queue.now() + interval '1 hour'")
            let ready = try await queue.enqueue("b")
            try await queue.setClock(ahead: .seconds(7200))
            try await queue.observer.execute("begin; select from queue.claim(1, '{a}', '{60}', 1)")
            #expect(try await other.execute("select id from queue.claim(2, '{a,b}', '{60,60}', 5)") == [["\(ready)"]])
            try await queue.observer.execute("rollback")
        }
    }

    @Test("that ends a job, a rescue does not wait for it, and the job ends well", arguments: [true, false])
    func rescue(isWorkerKnown: Bool) async throws {
        try await withImpatient { queue, other in
            let ending = try await queue.enqueue("a")
            let claimed = try await queue.claimed()
            let abandoned = try await queue.enqueue("a")
            _ = try await queue.claimed()
            if isWorkerKnown {
                try await queue.observer.execute(
                    """
                    insert into queue.worker (id, program, host, pid, seen_at) overriding system value
                    values (1, 'test', 'here', 0, now() - interval '1 hour')
                    """
                )
            }
            let lease = claimed[0].lease
            try await queue.observer.execute(
                "begin; select queue.finish('{\(ending)}', 0::smallint, \(lease))"
            )
            let freed = try await other.value("select freed from queue.rescue('10 s', '1 s', 3, true)")
            #expect(freed == "1")
            try await queue.observer.execute("commit")
            #expect(try await queue.state(of: ending) == "done")
            #expect(try await queue.state(of: abandoned) == "ready")
        }
    }

    @Test("that puts a job in, the emptying of its generation is given up rather than have claims wait behind it")
    func emptyingGivesUp() async throws {
        try await TestQueue.with { queue in
            let other = try await queue.database.observer()
            defer { other.close() }
            // A thousand times what it may wait.
            try await other.execute("set statement_timeout = '20s'")
            try await queue.observer.execute("begin; insert into queue.live (kind, payload) values ('a', '{}')")
            #expect(try await other.value("select queue.empty_generation(0::smallint)") == "f")
            try await queue.observer.execute("commit")
        }
    }

    @Test("of a producer that commits just as an old generation is locked to be emptied, its job is not lost")
    func emptied() async throws {
        try await TestQueue.with { queue in
            let (producer, rotator) = (try await queue.database.observer(), try await queue.database.observer())
            defer {
                producer.close()
                rotator.close()
            }
            // So that it stands at the producer's lock until that is gone.
            try await queue.observer.execute("alter function queue.empty_generation set lock_timeout = '60 s'")
            for _ in 0..<20 {
                try await producer.execute("begin; insert into queue.live (kind, payload) values ('a', '{}')")
                async let isEmptied = rotator.value("select queue.empty_generation(0::smallint)")
                // It does not even try beside a transaction that has lasted for a second, as on a machine out of breath.
                let waits = """
                    exists (
                        select from pg_locks join pg_database on pg_database.oid = pg_locks.database
                        where datname = current_database() and relation = 'queue.live_0'::regclass and not granted
                    )
                    """
                let isOver = """
                    exists (
                        select from pg_stat_activity
                        where datname = current_database() and state = 'idle' and query like '%empty_generation(0%'
                    )
                    """
                try await queue.observer.wait(for: "\(waits) or \(isOver)")
                let stood = try await queue.observer.value("select \(waits)") == "t"
                try await producer.execute(stood ? "commit" : "rollback")
                #expect(try await isEmptied == "f")
                guard stood else { continue }
                #expect(try await queue.observer.value("select count(*) from queue.live") == "1")
                return
            }
            Issue.record("the lock was never waited for")
        }
    }

    @Test(
        "that cancels or claims a job, a cancellation waits for it and then minds what it did",
        arguments: [("queue.cancel(JOB)", "cancelled", "f"), ("queue.claim(1, '{a}', '{60}', 1)", "running", "t")]
    )
    func cancel(beside call: String, found: String, changes: String) async throws {
        try await TestQueue.with { queue in
            let other = try await queue.database.observer()
            defer { other.close() }
            // Within a transaction one sees the same activity again and again.
            let watcher = try await queue.database.observer()
            defer { watcher.close() }
            let job = try await queue.enqueue("a")
            try await queue.observer.execute("begin; select from \(call.replacing("JOB", with: "\(job)"))")
            async let answer = other.execute("select state, changed from queue.cancel(\(job))")
            try await watcher.wait(
                for: """
                    exists (
                        select from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock' and query like '%queue.cancel(%'
                    )
                    """
            )
            try await queue.observer.execute("commit")
            #expect(try await answer == [[found, changes]])
            #expect(try await queue.observer.execute("select state from queue.job") == [[found]])
        }
    }
}
