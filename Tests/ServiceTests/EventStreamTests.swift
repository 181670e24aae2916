import Access
import Commands
import JobQueue
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("The numbers of events", .needsServer, .timeLimit(.minutes(2)))
struct EventStreamTests {
    private static let soon = Duration.seconds(30)

    private func withStream(_ body: (TestDatabase, Pool, ServerObserver) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool(leased: 8) { try await body(database, $0, observer) }
        }
    }

    private static func insert(_ object: String) -> String {
        "insert into service.event (topic, object, payload) values ('amenity.changed', '\(object)', '{\"id\": 1}')"
    }

    private func read(_ pool: Pool, after: Int64) async throws -> [Event] {
        let last = try #require(try await pool.execute(NumberEvents(), until: .after(Self.soon)))
        let statement = ReadEvents(after: after, upTo: last, topics: Topic.allCases, count: 1000)
        return try await pool.execute(statement, until: .after(Self.soon))
    }

    @Test("follow the order of commits, and what commits late is not lost")
    func commitOrder() async throws {
        try await withStream { database, pool, observer in
            let slow = try await database.observer()
            defer { slow.close() }
            try await slow.execute("begin; \(Self.insert("slow"))")
            #expect(try await read(pool, after: 0) == [], "no event is there before its transaction's end")
            try await observer.execute(Self.insert("quick"))
            #expect(try await read(pool, after: 0).map(\.object) == ["quick"])
            #expect(try await read(pool, after: 1) == [])
            try await slow.execute("commit")
            let late = try await read(pool, after: 1)
            #expect(late.map(\.object) == ["slow"] && late.map(\.seq) == [2])
        }
    }

    @Test("leave no trace of what was rolled back")
    func rollback() async throws {
        try await withStream { _, pool, observer in
            try await observer.execute("begin; \(Self.insert("never")); rollback; \(Self.insert("once"))")
            #expect(try await read(pool, after: 0).map(\.seq) == [1])
        }
    }

    @Test("reach every reader without a hole and in order, with many writers and numberers at once")
    func crowd() async throws {
        try await withStream { database, pool, observer in
            let (writers, rounds) = (4, 60)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        let session = try await database.observer()
                        defer { session.close() }
                        for round in 0..<rounds {
                            let ending = (writer + round) % 5 == 0 ? "rollback" : "commit"
                            let pause = round % 7 == 0 ? "select pg_sleep(0.005);" : ""
                            try await session.execute(
                                "begin; \(Self.insert("\(writer)-\(round)")); \(pause) \(ending)"
                            )
                        }
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        // As long as the writers write; what is left is read below.
                        for _ in 0..<200 { _ = try await pool.execute(NumberEvents(), until: .after(Self.soon)) }
                    }
                }
                group.addTask {
                    var position: Int64 = 0
                    for _ in 0..<200 {
                        for event in try await read(orNothing: pool, after: position) {
                            #expect(event.seq == position + 1)
                            position = event.seq
                        }
                    }
                }
                try await group.waitForAll()
            }
            let all = try await read(pool, after: 0)
            #expect(all.map(\.seq) == Array(1...Int64(all.count)))
            let committed = try await observer.value("select count(*) from service.event")
            #expect(committed == String(all.count) && all.count == writers * rounds * 4 / 5)
        }
    }

    /// What can be read now; nothing while another session numbers.
    private func read(orNothing pool: Pool, after: Int64) async throws -> [Event] {
        guard let last = try await pool.execute(NumberEvents(), until: .after(Self.soon)) else { return [] }
        let statement = ReadEvents(after: after, upTo: last, topics: Topic.allCases, count: 1000)
        return try await pool.execute(statement, until: .after(Self.soon))
    }

    @Test("go on after everything was pruned, and tell what is gone")
    func pruning() async throws {
        try await withStream { _, pool, observer in
            for name in ["a", "b", "c"] { try await observer.execute(Self.insert(name)) }
            _ = try await read(pool, after: 0)
            try await observer.execute("update service.event set at = now() - interval '25 hours' where seq <= 2")
            let statement = PruneEvents(age: .seconds(86_400), count: 100)
            #expect(try await pool.execute(statement, until: .after(Self.soon)) == 2)
            let bounds = try await pool.execute(StreamBounds(), until: .after(Self.soon))
            #expect(bounds.pruned == 2 && bounds.last == 3)
            try await observer.execute("update service.event set at = now() - interval '25 hours'")
            #expect(try await pool.execute(statement, until: .after(Self.soon)) == 1)
            try await observer.execute(Self.insert("d"))
            #expect(try await read(pool, after: 3).map(\.seq) == [4])
        }
    }

    @Test("are given, and what is old is deleted, by the upkeep's job too")
    func upkeep() async throws {
        try await withStream { database, _, observer in
            try await observer.execute(
                """
                \(Self.insert("old")); update service.event set at = now() - interval '25 hours';
                \(Self.insert("new"));
                insert into service.idempotency (key, method, params, answer, expires_at)
                values ('k', 'm', 'p', '{}', now() - interval '1 s'), ('l', 'm', 'p', '{}', now() + interval '1 h');
                update service.sealing_key set created_at = now() - interval '31 days';
                select queue.enqueue('prune_calls', '{}');
                """
            )
            try await database.withPool(configure: { $0.rest(as: .worker) }) { pool in
                let runs = try await InlineWorker(pool: pool, handlers: [CallPruneHandler(pool: pool)]).runDue()
                #expect(runs.count == 1)
            }
            let result = try await observer.value("select result from queue.job where kind = 'prune_calls'")
            let json = try JSONValue(parsing: try #require(result).utf8)
            #expect(json["idempotency_keys"] == 1 && json["events"] == 1)
            #expect(json["sealing_keys"]["made"] == 1 && json["sealing_keys"]["dropped"] == 0)
            #expect(try await observer.value("select string_agg(seq || object, ',') from service.event") == "2new")
        }
    }

    @Test("What lies between a client and what is kept is told as a gap", arguments: Self.replays)
    func gaps(_ position: Int64, _ topics: Set<Topic>, _ start: Int64, _ gaps: [EventGap]) {
        let bounds = StreamBounds.Row(last: 20_000, pruned: 100, jobsSince: 15_000)
        let (found, told) = bounds.start(after: position, topics: topics)
        #expect(found == start && told == gaps)
    }

    private static let replays: [(Int64, Set<Topic>, Int64, [EventGap])] = [
        (19_000, [.amenityChanged], 19_000, []), (20_000, [.jobFinished], 20_000, []),
        (10_000, [.amenityChanged], 10_000, []),
        (9_000, [.amenityChanged], 10_000, [EventGap(from: 9_001, to: 10_000, reason: .tooMany)]),
        (
            0, [.amenityChanged], 10_000,
            [
                EventGap(from: 1, to: 100, reason: .expired), EventGap(from: 101, to: 10_000, reason: .tooMany),
            ]
        ),
        (12_000, [.jobFinished], 12_000, [EventGap(from: 12_001, to: 14_999, reason: .notRecorded)]),
        (14_999, [.jobFinished], 14_999, []),
    ]

    @Test(
        "Changes of the catalogue, of requests and of feedback make events, the ends of jobs when somebody wants them"
    )
    func writers() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.seed()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool { pool in
                var position = try #require(try await pool.execute(NumberEvents(), until: .after(Self.soon)))
                func news(_ script: String) async throws -> [String] {
                    try await observer.execute(script)
                    let events = try await read(pool, after: position)
                    position = events.last?.seq ?? position
                    return events.map(\.topic.rawValue)
                }
                let amenity = "(select id from catalog.amenity order by slug limit 1)"
                #expect(
                    try await news("update catalog.amenity set notes = 'n' where id = \(amenity)") == [
                        "amenity.changed"
                    ]
                )
                #expect(try await news("update catalog.amenity set notes = 'n' where id = \(amenity)") == [])
                #expect(
                    try await news(
                        "update catalog.amenity_name set origin = origin where amenity = \(amenity)"
                    ) == ["amenity.changed"]
                )
                let job = """
                    insert into queue.outcome (
                        id, kind, state, priority, attempt, crashes, enqueued_at, run_at, started_at, payload
                    ) values (1, 'probe', 'done', 1, 0, 0, now(), now(), now(), '{}')
                    """
                #expect(try await news(job) == [])
                _ = try await pool.execute(WantJobs(), until: .after(Self.soon))
                #expect(try await news(job) == ["job.finished"])
                let two = job + ", (2, 'probe', 'done', 1, 0, 0, now(), now(), now(), '{}')"
                #expect(try await news(two) == ["job.finished", "job.finished"])
                let request = "insert into intake.request (secret_hash, text) values ('x', 'y') returning id"
                let id = try #require(try await observer.value(request))
                #expect(
                    try await news("insert into intake.event (request, status) values ('\(id)', 'received')") == []
                )
                #expect(
                    try await news("insert into intake.event (request, status) values ('\(id)', 'answered')")
                        == ["request.updated"]
                )
            }
        }
    }
}

@Suite("The subscriptions of a connection")
struct SubscriptionSetTests {
    private static func event(_ seq: Int64, _ object: String = "a", _ topic: Topic = .amenityChanged) -> Event {
        Event(seq: seq, topic: topic, object: object, park: nil, payload: JSONText("{}"), at: "")
    }

    private static func subscription(_ name: String, at position: Int64) -> Subscription {
        Subscription(
            name: name,
            topics: [.amenityChanged],
            objects: nil,
            parks: nil,
            credential: nil,
            position: position,
            openedAt: position
        )
    }

    private static func batch(_ after: Int64, _ last: Int64) -> EventBatch {
        EventBatch(after: after, last: last, events: (after..<last).map { event($0 + 1, "\($0 + 1)") })
    }

    @Test("take what follows on, and nothing twice")
    func following() {
        var set = SubscriptionSet()
        set.add(Self.subscription("s", at: 5))
        #expect(set.take(Self.batch(3, 7), isWritable: true, in: 0).first?.events.map(\.seq) == [6, 7])
        #expect(set.take(Self.batch(6, 8), isWritable: true, in: 0).first?.events.map(\.seq) == [8])
        #expect(set.nextBehind(in: 0) == nil)
    }

    @Test("fall behind at a hole, and catch up from the database, while others go on")
    func hole() throws {
        var set = SubscriptionSet()
        set.add(Self.subscription("late", at: 2))
        set.add(Self.subscription("here", at: 5))
        let told = set.take(Self.batch(5, 7), isWritable: true, in: 0)
        #expect(told.map(\.subscription.name) == ["here"])
        let next = set.nextBehind(in: 0)
        let behind = try #require(next)
        #expect(behind.name == "late" && behind.position == 2)
        #expect(set.nextBehind(in: 0) == nil, "it reads once at a time")
        #expect(set.take(Self.batch(7, 9), isWritable: true, in: 0).map(\.subscription.name) == ["here"])
        let read = set.finishReading("late", Self.batch(2, 7), in: 0)
        #expect(read?.events.map(\.seq) == [3, 4, 5, 6, 7])
        let again = set.nextBehind(in: 0)
        #expect(again?.position == 7)
        #expect(set.finishReading("late", Self.batch(7, 9), in: 0)?.events.map(\.seq) == [8, 9])
        #expect(set.nextBehind(in: 0) == nil)
        #expect(set.take(Self.batch(9, 10), isWritable: true, in: 0).count == 2)
    }

    @Test("keep nothing for a client that takes nothing: it catches up when it does")
    func slow() throws {
        var set = SubscriptionSet()
        set.add(Self.subscription("s", at: 0))
        for start in Int64(0)..<100 {
            #expect(set.take(Self.batch(start, start + 1), isWritable: false, in: 0).isEmpty)
        }
        let next = set.nextBehind(in: 0)
        let behind = try #require(next)
        #expect(behind.position == 0)
        #expect(set.finishReading("s", Self.batch(0, 100), in: 0)?.events.count == 100)
    }

    @Test("a failed read is tried again, and one of a closed subscription is dropped")
    func failing() {
        var set = SubscriptionSet()
        set.add(Self.subscription("s", at: 0))
        set.lookBack(to: 3)
        #expect(set.nextBehind(in: 0) != nil)
        #expect(set.finishReading("s", nil, in: 0) == nil)
        #expect(set.nextBehind(in: 0) != nil)
        #expect(set.remove("s") && !set.remove("s"))
        #expect(set.finishReading("s", Self.batch(0, 3), in: 0) == nil)
    }

    @Test("tell the last of several events about the same thing, in order")
    func coalescing() {
        let events = [
            Self.event(1), Self.event(2, "b"), Self.event(3), Self.event(4, "a", .jobFinished), Self.event(5, "b"),
        ]
        #expect(events.coalesced.map(\.seq) == [3, 4, 5])
    }

    @Test("tell no more in a second than they may, and what is held back comes together in the next")
    func rate() throws {
        var set = SubscriptionSet()
        set.add(Self.subscription("s", at: 0))
        let many = Int64(Subscription.eventsPerSecond)
        #expect(set.take(Self.batch(0, many), isWritable: true, in: 7).first?.events.count == Int(many))
        for start in many..<many + 20 {
            #expect(set.take(Self.batch(start, start + 1), isWritable: true, in: 7).isEmpty)
        }
        #expect(set.nextBehind(in: 7) == nil && set.isHeldBack(in: 7))
        #expect(!set.isHeldBack(in: 8))
        let behind = set.nextBehind(in: 8)
        #expect(behind?.position == many)
        let held = (many..<many + 20).map { Self.event($0 + 1, "the same") }
        let read = set.finishReading("s", EventBatch(after: many, last: many + 20, events: held), in: 8)
        #expect(read?.events.map(\.seq) == [many + 20])
    }

    @Test("tell what was before they were opened as fast as it is taken")
    func replayRate() throws {
        var set = SubscriptionSet()
        set.add(
            Subscription(
                name: "s",
                topics: [.amenityChanged],
                objects: nil,
                parks: nil,
                credential: nil,
                position: 0,
                openedAt: 400
            )
        )
        set.lookBack(to: 500)
        for start in stride(from: Int64(0), to: 400, by: 100) {
            let behind = set.nextBehind(in: 7)
            #expect(behind?.position == start)
            #expect(set.finishReading("s", Self.batch(start, start + 100), in: 7)?.events.count == 100)
        }
        #expect(set.nextBehind(in: 7) != nil)
        #expect(set.finishReading("s", Self.batch(400, 500), in: 7)?.events.count == 100)
        set.lookBack(to: 501)
        #expect(set.nextBehind(in: 7) == nil && set.isHeldBack(in: 7))
    }

    @Test("show whoever may not see all only what is theirs")
    func rights() {
        let park = Event(seq: 1, topic: .requestUpdated, object: "a", park: "jx-de", payload: JSONText("{}"), at: "")
        func wants(objects: Set<String>? = nil, parks: Set<String>? = nil) -> Bool {
            Subscription(
                name: "s",
                topics: [.requestUpdated],
                objects: objects,
                parks: parks,
                credential: nil,
                position: 0,
                openedAt: 0
            ).wants(park)
        }
        #expect(wants() && wants(objects: ["a"]) && wants(parks: ["jx-de"]))
        #expect(!wants(objects: ["b"]) && !wants(objects: []) && !wants(parks: ["jx-jp"]) && !wants(parks: []))
        let nowhere = Event(seq: 1, topic: .jobFinished, object: "1", park: nil, payload: JSONText("{}"), at: "")
        for (parks, expected) in [(Set<String>?.none, true), (["jx-de"], false)] {
            let subscription = Subscription(
                name: "s",
                topics: [.jobFinished],
                objects: nil,
                parks: parks,
                credential: nil,
                position: 0,
                openedAt: 0
            )
            #expect(subscription.wants(nowhere) == expected)
        }
    }
}
