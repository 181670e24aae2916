import Postgres
import Testing

@testable import JobQueue

/// The jobs a worker holds, without a database.
@Suite("A worker's load")
struct WorkloadTests {
    private static func claim(_ id: Int64, lease: Int64 = 1, kind: String = "a", rank: Int64 = 0) -> ClaimedJob {
        ClaimedJob(
            job: Job(id: id, kind: kind, park: "p", payload: JSONText("{}"), attempt: 0, crashes: 0),
            lease: lease,
            generation: 0,
            rank: Timestamp(microseconds: rank),
            runAt: Timestamp(microseconds: rank),
            startedAt: Timestamp(microseconds: rank),
            origin: nil
        )
    }

    @Test("goes out in the order in which it came in, also to runners that waited")
    func order() async {
        let load = Workload()
        load.add([Self.claim(1), Self.claim(2)])
        #expect(await load.next(for: 1)?.job.id == 1)
        #expect(await load.next(for: 2)?.job.id == 2)
        async let waiting = load.next(for: 3)
        load.add([Self.claim(3)])
        #expect(await waiting?.job.id == 3)
        #expect(load.load.running == 3 && load.load.held == 3 && load.load.waiting == 0)
    }

    @Test("wakes every runner that waits, if there is a job for each")
    func chain() async {
        let load = Workload()
        let runners = 1...9
        let jobs = await withTaskGroup { group in
            for runner in runners { group.addTask { await load.next(for: runner)?.job.id } }
            while load.idleRunners < runners.count { await Task.yield() }
            load.add(runners.map { Self.claim(Int64($0)) })
            return await group.reduce(into: Set<Int64?>()) { $0.insert($1) }
        }
        #expect(jobs == Set(runners.map { Int64($0) }))
        #expect(load.load.running == runners.count && load.load.waiting == 0)
    }

    @Test("is held until it is settled, while its runner is free again once it is handed in")
    func stages() async {
        let load = Workload()
        load.add([Self.claim(1)])
        let claim = await load.next(for: 1)
        load.handIn(Self.claim(1).key)
        #expect(load.load.running == 0 && load.load.held == 1)
        load.handIn(Self.claim(1).key)
        load.settle([Self.claim(1).key])
        load.settle([Self.claim(1).key])
        #expect(claim != nil && load.load.running == 0 && load.load.held == 0 && load.settled == 1)
    }

    @Test("keeps a job that came back apart from the one that was taken away")
    func twice() async {
        let load = Workload()
        load.add([Self.claim(1, lease: 1)])
        _ = await load.next(for: 1)
        load.add([Self.claim(1, lease: 2)])
        _ = await load.next(for: 2)
        #expect(load.load.running == 2)
        load.settle([Self.claim(1, lease: 1).key])
        #expect(load.load.running == 1 && load.jobs == [1])
    }

    @Test("knows the leases of which nothing is left to do, until they are forgotten")
    func endedLeases() {
        let load = Workload()
        load.add([Self.claim(1, lease: 1), Self.claim(2, lease: 1)])
        load.add([Self.claim(3, lease: 2)])
        load.settle([Self.claim(1, lease: 1).key])
        #expect(load.endedLeases == [])
        load.settle([Self.claim(2, lease: 1).key, Self.claim(3, lease: 2).key])
        #expect(load.endedLeases == [1, 2])
        load.add([Self.claim(4, lease: 3)])
        load.settle([Self.claim(4, lease: 3).key])
        load.forget([1, 2])
        #expect(load.endedLeases == [3])
    }

    @Test("does not call a lease ended of which the database may still keep a job")
    func unsureLease() {
        let load = Workload()
        load.add([Self.claim(1, lease: 1), Self.claim(2, lease: 1)])
        load.settle([Self.claim(1, lease: 1).key], isSure: false)
        load.settle([Self.claim(2, lease: 1).key])
        #expect(load.endedLeases == [] && load.load.held == 0)
    }

    @Test("tells the runners of jobs that are to stop, once")
    func halts() async {
        let load = Workload()
        load.add([Self.claim(1), Self.claim(2), Self.claim(3)])
        _ = await load.next(for: 7)
        _ = await load.next(for: 8)
        // The third waits, and is nobody's to stop.
        #expect(load.halt([2, 3], .cancelled) == [8])
        #expect(load.halt([2], .cancelled) == [])
        #expect(load.haltOverdue(at: .now + .seconds(10)) { _ in .seconds(5) } == [7])
        #expect(load.haltOverdue(at: .now + .seconds(10)) { _ in .seconds(5) } == [])
    }

    @Test("gives back what waits, and nothing that runs")
    func takeWaiting() async {
        let load = Workload()
        load.add([Self.claim(1), Self.claim(2)])
        _ = await load.next(for: 1)
        #expect(load.takeWaiting(since: .now - .seconds(60)).isEmpty)
        #expect(load.takeWaiting(since: .now).map(\.job.id) == [2])
        #expect(load.load.held == 2)
    }

    @Test("lets nobody wait once it is closed", .timeLimit(.minutes(1)))
    func closed() async {
        let load = Workload()
        async let idle = load.next(for: 1)
        async let watching: Void = load.wait(atMost: .seconds(3600)) { $0.held == 5 }
        load.close()
        #expect(await idle == nil)
        await watching
        load.add([Self.claim(1)])
        #expect(await load.next(for: 1) == nil)
        #expect(load.takeWaiting(since: .now).map(\.job.id) == [1])
    }

    @Test("is wanted for the free runners only, until there is more than they can take")
    func appetite() {
        let start = ContinuousClock.now
        var appetite = Appetite(concurrency: 4)
        let idle = Workload.Load(waiting: 0, running: 0, held: 0)
        #expect(appetite.want(idle, settled: 0, at: start) == 4)
        // A thousand a second, but the last claim brought all there was.
        for step in 1...20 {
            _ = appetite.want(idle, settled: step * 20, at: start + .milliseconds(step * 20))
        }
        #expect(appetite.want(idle, settled: 400, at: start + .milliseconds(400)) == 4)
        appetite.isSated = false
        let want = appetite.want(idle, settled: 400, at: start + .milliseconds(401))
        #expect((95...104).contains(want), "a tenth of a second's work, and the runners: \(want)")
        // Not before half of it is gone.
        let stocked = Workload.Load(waiting: 80, running: 4, held: 84)
        #expect(appetite.want(stocked, settled: 400, at: start + .milliseconds(402)) == 0)
        #expect(!appetite.isHungry(stocked) && appetite.isHungry(idle))
    }

    @Test("of slow jobs is not kept in store")
    func slowJobs() {
        let start = ContinuousClock.now
        var appetite = Appetite(concurrency: 4)
        appetite.isSated = false
        for second in 1...20 {
            _ = appetite.want(.init(waiting: 0, running: 4, held: 4), settled: second, at: start + .seconds(second))
        }
        #expect(appetite.want(.init(waiting: 0, running: 4, held: 4), settled: 20, at: start + .seconds(20)) == 0)
        #expect(appetite.want(.init(waiting: 0, running: 3, held: 3), settled: 20, at: start + .seconds(20)) == 1)
    }

    @Test("is looked for from where the last claim ended only while a snapshot is held, and then not always")
    func trail() {
        let start = ContinuousClock.now
        var trail = Trail()
        var claim = ClaimJobs(worker: 1, kinds: [("a", .seconds(1))], count: 10)
        trail.guide(&claim, isPinned: false, at: start)
        trail.follow([Self.claim(1, rank: 5), Self.claim(2, rank: 9)], of: claim, at: start + .milliseconds(20))
        // The sweep took 20 ms, so the next comes after a second.
        trail.guide(&claim, isPinned: true, at: start + .milliseconds(500))
        #expect(claim.places == [Lane(kind: "a", park: "p"): Timestamp(microseconds: 9)])
        #expect(claim.after == "p")
        trail.follow([], of: claim, at: start + .milliseconds(501))
        var sweep = ClaimJobs(worker: 1, kinds: [("a", .seconds(1))], count: 10)
        trail.guide(&sweep, isPinned: true, at: start + .milliseconds(1021))
        #expect(sweep.places.isEmpty)
        trail.guide(&sweep, isPinned: false, at: start + .milliseconds(1022))
        #expect(sweep.places.isEmpty)
    }
}
