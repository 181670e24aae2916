import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// Two workers, a rescuer who takes either for dead at any moment, and an operator, in an order that a seed decides, one
/// step at a time: whatever they do to each other, no job is lost and none has its effect twice.
@Suite("Two workers and a rescuer", .needsServer, .timeLimit(.minutes(3)))
struct InterleavingTests {
    /// A worker that may stop between any two of its statements.
    private struct Actor {
        let session: ServerObserver
        let id: Int
        /// Claimed, as far as it knows.
        var claims: [(job: String, generation: String, lease: String)] = []
        /// The job whose effect and end it has sent in a transaction that is not committed yet.
        var ending: String?
        var refusals = 0

        mutating func claim(_ count: Int) async throws {
            let rows = try await session.execute(
                "select id, generation, lease from queue.claim(\(id), '{a}', '{3600}', \(count), alone => \(claims.isEmpty), most_crashes => 100)"
            )
            for row in rows { claims.append((row[0] ?? "", row[1] ?? "", row[2] ?? "")) }
        }

        /// Sends the effect and the end of a job, and leaves the transaction open. Others may hold the row meanwhile.
        mutating func startEnding() async throws {
            guard ending == nil, let claim = claims.popLast() else { return }
            try await session.execute("begin; set local lock_timeout = '5ms'")
            do {
                try await session.execute(
                    """
                    insert into queue.probe_effect (job, attempt, worker) values (\(claim.job), 1, '\(claim.lease)');
                    select queue.finish(
                        array[\(claim.job)]::bigint[], \(claim.generation)::smallint, \(claim.lease)
                    )
                    """
                )
                ending = claim.job
            } catch {
                refusals += 1
                try await session.execute("rollback")
            }
        }

        mutating func end(_ isCommitted: Bool) async throws {
            guard ending != nil else { return }
            ending = nil
            try await session.execute(isCommitted ? "commit" : "rollback")
        }

        mutating func giveUpOne(_ how: String) async throws {
            guard ending == nil, let claim = claims.popLast() else { return }
            switch how {
            case "fail": try await session.execute("select queue.fail(\(claim.job), \(claim.lease), 'no', '0 s', 1000)")
            case "snooze": try await session.execute("select queue.snooze(\(claim.job), \(claim.lease), '0 s')")
            case "release":
                try await session.execute("select queue.release(array[\(claim.job)]::bigint[], \(claim.lease))")
            // Forgets it, as a process does that dies.
            default: break
            }
        }
    }

    private static let jobs = 40

    @Test("lose nothing and do nothing twice, in whatever order things happen", arguments: 0..<8)
    func random(_ index: Int) async throws {
        var random = SplitMix64.announced("interleaving \(index)")
        try await TestQueue.with { queue in
            try await queue.observer.execute(
                "set lock_timeout = '5ms'; select queue.enqueue('a', '{}') from generate_series(1, \(Self.jobs))"
            )
            var actors = [
                Actor(session: try await queue.database.observer(), id: 1),
                Actor(session: try await queue.database.observer(), id: 2),
            ]
            let holder = try await queue.database.observer()
            defer { for session in actors.map(\.session) + [holder] { session.close() } }
            // Without a snapshot that somebody holds, generations would not be rotated.
            try await holder.execute("begin isolation level repeatable read; select 1")
            for _ in 0..<400 {
                let which = Int.random(in: 0...1, using: &random)
                switch Int.random(in: 0..<100, using: &random) {
                case 0..<25 where actors[which].ending == nil:
                    try await actors[which].claim(Int.random(in: 1...5, using: &random))
                case 25..<55: try await actors[which].startEnding()
                case 55..<70: try await actors[which].end(Bool.random(using: &random))
                case 70..<85:
                    let how = ["fail", "snooze", "release", "forget"].randomElement(using: &random) ?? ""
                    try await actors[which].giveUpOne(how)
                case 85..<95:
                    // Takes every worker for dead: none has a row, and a thorough look frees what is nobody's.
                    try await queue.observer.execute("select queue.rescue('1 hour', '1 hour', 1000, true)")
                default:
                    // What became dead is told to the server's statistics at once, by which generations are rotated.
                    for actor in actors where actor.ending == nil {
                        try await actor.session.execute("select pg_stat_force_next_flush()")
                    }
                    // Whoever is in the way ends the attempt, and it is made again.
                    _ = try? await queue.observer.execute("select queue.rotate(most_dead => 5, held_for => '0 s')")
                }
            }
            for index in actors.indices { try await actors[index].end(true) }
            try await queue.observer.execute("select queue.rescue('1 hour', '1 hour', 1000, true)")
            var finisher = Actor(session: queue.observer, id: 3)
            for _ in 0..<Self.jobs * 2 {
                try await finisher.claim(1)
                try await finisher.startEnding()
                try await finisher.end(true)
            }
            let ended = try await queue.observer.execute(
                """
                select count(*), count(distinct job.id), count(effect.job), count(distinct effect.job)
                from queue.job left join queue.probe_effect effect on effect.job = job.id and job.state = 'done'
                """
            )
            #expect(ended == [Array(repeating: "\(Self.jobs)", count: 4)])
            #expect(try await queue.observer.value("select count(*) from queue.probe_effect") == "\(Self.jobs)")
            // A job can't be deleted twice, so even without a fence it would end once. But not by the one who has it.
            let stale = try await queue.observer.execute(
                """
                select job.id, job.lease, effect.worker from queue.outcome job join queue.probe_effect effect on effect.job = job.id
                where job.lease::text is distinct from effect.worker
                """
            )
            #expect(stale == [], "ended by somebody who no longer held the job")
        }
    }
}
