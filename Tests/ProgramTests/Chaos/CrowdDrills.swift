import Commands
import TestSupport
import Testing

/// Many worker processes on one queue.
@Suite("Many workers at once", .needsPrograms, .drillLimit)
struct CrowdDrills {
    /// Lends worker processes that have all announced themselves.
    private func withWorkers(
        _ count: Int,
        on database: TestDatabase,
        concurrency: Int,
        _ body: () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await withWorker("amenity-upkeep", on: database, concurrency: concurrency) { _ in
            try await withWorkers(count - 1, on: database, concurrency: concurrency, body)
        }
    }

    @Test("never run more of a capped park than its cap, as every claim and every end sees for itself")
    func cap() async throws {
        let drill = Drill("R12")
        let jobs = Drill.size(150, long: 10_000)
        try await withProbes { database, queue in
            // Counted in the transactions themselves: a look from outside would come too late.
            try await queue.observer.execute(
                """
                insert into queue.cap (scope, name, running) values ('park', 'p', 3);
                create table public.open_at_once (jobs bigint not null);
                create function public.count_open() returns trigger language plpgsql security definer as $$
                begin
                    insert into public.open_at_once
                    select count(*) from queue.live where live.worker is not null and live.park = 'p';
                    return null;
                end
                $$;
                create trigger count_open after update of lease on queue.live
                    for each row when (old.lease is null and new.lease is not null)
                    execute function public.count_open();
                create trigger count_open before insert on queue.probe_effect
                    for each statement execute function public.count_open();
                """
            )
            try await withWorkers(4, on: database, concurrency: 16) {
                try await queue.observer.execute(
                    """
                    select queue.enqueue('probe', '{"sleep_ms": 15}', park => 'p') from generate_series(1, \(jobs))
                    """
                )
                try await queue.waitUntilDrained()
            }
            try await expectEachDoneOnce(jobs, queue)
            let most = try await queue.observer.execute("select max(jobs), count(*) from public.open_at_once")
            #expect(most.first?.first == "3")
            let workers = try await queue.observer.value("select count(distinct worker) from queue.probe_effect")
            drill.report([
                "workers": 4, "jobs": jobs, "that took part": workers ?? "", "looks": most[0][1] ?? "",
                "most open at once": most[0][0] ?? "", "lost": try await queue.lost(of: jobs),
                "doubled": try await queue.doubled(),
            ])
        }
    }

    @Test("bring the first job of a quiet park within two claims of each, however much another park has waiting")
    func flood() async throws {
        let drill = Drill("R9")
        let (workers, flood) = (2, Drill.size(4000, long: 100_000))
        try await withProbes { database, queue in
            try await queue.observer.execute(
                """
                insert into queue.live (kind, park, payload)
                select 'probe', 'flood', '{"sleep_ms": 5}' from generate_series(1, \(flood))
                """
            )
            try await withWorkers(workers, on: database, concurrency: 4) {
                var most = 0
                let rounds = Drill.rounds(5, long: 50)
                for round in 1...rounds {
                    try await queue.observer.wait(
                        for: "(select count(*) from queue.probe_effect) >= \(round * 20)"
                    )
                    most = max(most, try await claimsUntilLone(queue))
                }
                #expect(try await queue.count("state = 'ready'") > 0, "the flood was over before its end")
                // Each worker may have a claim under way, and takes the job with its next.
                #expect(most <= 2 * workers)
                drill.report(["rounds": rounds, "jobs": flood + rounds, "most claims until it began": most])
            }
        }
    }

    /// How many claims of all workers began from the commit of a lone job until it was claimed.
    private func claimsUntilLone(_ queue: ProbeQueue) async throws -> Int {
        let id = try await queue.observer.value(
            "select id from queue.enqueue('probe', '{}', park => 'quiet')"
        )
        let job = try #require(id)
        let before = try await queue.observer.value("select last_value from queue.lease_token")
        try await queue.observer.wait(for: "exists (select from queue.job where id = \(job) and state = 'done')")
        let lease = try await queue.observer.value("select lease - \(before ?? "") from queue.job where id = \(job)")
        return try #require(lease.flatMap { Int($0) })
    }
}
