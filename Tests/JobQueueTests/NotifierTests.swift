import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// What listeners hear of a notifier. A database each, since all of it hears.
@Suite("A notifier", .needsServer, .timeLimit(.minutes(1)))
struct NotifierTests {
    private struct Stage {
        let database: TestDatabase
        let observer: ServerObserver
        /// What was said on the workers' channel.
        let heard: EventLog<String>

        /// Runs the notifier until the body has returned.
        func with(_ notifier: Notifier, _ body: () async throws -> Void) async throws {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await notifier.run() }
                try await body()
                group.cancelAll()
            }
        }

        /// All that comes up to this word, which is said now over another connection.
        func said(upTo end: String) async throws -> [String] {
            try await observer.execute("select pg_notify('queue_wake', '\(end)')")
            return try await words(upTo: end)
        }

        func words(upTo end: String) async throws -> [String] {
            var words: [String] = []
            while true {
                let word = try await heard.next()
                if word == end { return words }
                words.append(word)
            }
        }
    }

    private func withStage(_ body: (Stage) async throws -> Void) async throws {
        try await withDatabase { database in
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.hearing { try await body(Stage(database: database, observer: observer, heard: $0)) }
        }
    }

    @Test("says the first mark after a quiet time at once")
    func leadingEdge() async throws {
        try await withStage { stage in
            let notifier = Notifier(stage.database.configuration, pause: .seconds(3600))
            try await stage.with(notifier) {
                notifier.mark("first")
                let word = try await stage.heard.next()
                #expect(word == "first")
            }
        }
    }

    @Test("makes one notification of a thousand marks that came together")
    func together() async throws {
        try await withStage { stage in
            let notifier = Notifier(stage.database.configuration, pause: .seconds(3600))
            for _ in 0..<1000 { notifier.mark("many") }
            try await stage.with(notifier) {
                let first = try await stage.heard.next()
                let more = try await stage.said(upTo: "end")
                #expect(first == "many" && more == [])
            }
        }
    }

    @Test("makes few notifications of a thousand marks by many tasks, no more than its pauses allow")
    func coalescing() async throws {
        try await withStage { stage in
            let pause = Duration.milliseconds(5)
            let notifier = Notifier(stage.database.configuration, pause: pause)
            try await stage.with(notifier) {
                let start = ContinuousClock.now
                await withTaskGroup { group in
                    for _ in 0..<1000 { group.addTask { notifier.mark("many") } }
                }
                notifier.mark("zz last")
                let words = try await stage.words(upTo: "zz last")
                let most = Int(start.duration(to: .now) / pause) + 2
                #expect(words.allSatisfy { $0 == "many" } && !words.isEmpty)
                #expect(words.count <= most)
                print("a thousand marks made \(words.count) notifications")
            }
        }
    }

    @Test("says kinds as they are", arguments: ["a,b", "o'clock", "嘉兴", #"back\slash"#])
    func oddKinds(_ kind: String) async throws {
        try await withStage { stage in
            let notifier = Notifier(stage.database.configuration)
            try await stage.with(notifier) {
                notifier.mark(kind)
                let word = try await stage.heard.next()
                #expect(word == kind)
            }
        }
    }

    @Test("goes on after a kind that cannot be said")
    func refused() async throws {
        try await withStage { stage in
            let notifier = Notifier(stage.database.configuration)
            try await stage.with(notifier) {
                // A notification has at most 7,999 bytes.
                notifier.mark(String(repeating: "x", count: 8000))
                var words: [String] = []
                while words.isEmpty {
                    // The first may have gone down with the long one.
                    notifier.mark("short")
                    words = try await stage.said(upTo: "end")
                }
                #expect(Set(words) == ["short"])
            }
        }
    }

    @Test("says what was marked while the database was away once it is back, and holds nobody up meanwhile")
    func databaseAway() async throws {
        try await withStage { stage in
            let proxy = try Proxy(to: stage.database.conninfo)
            defer { proxy.close() }
            var configuration = stage.database.configuration
            configuration.connectionString = proxy.conninfo(stage.database.conninfo).text
            let notifier = Notifier(configuration)
            proxy.refuse(true)
            try await stage.with(notifier) {
                notifier.mark("one")
                // It has tried.
                while proxy.accepted == 0 { try await stage.observer.execute("select pg_sleep(0.01)") }
                notifier.mark("two")
                #expect(try await stage.said(upTo: "away") == [])
                proxy.refuse(false)
                let late = [try await stage.heard.next(), try await stage.heard.next()]
                #expect(late.sorted() == ["one", "two"])
                proxy.cut()
                notifier.mark("three")
                // What was heard before the notifier knew of the commit may be said again.
                _ = try await stage.words(upTo: "three")
            }
        }
    }

    @Test("tells every kind's workers of a job that an operator has retried, and of none that can't be")
    func retry() async throws {
        try await withStage { stage in
            try await stage.database.migrate()
            let id = try await stage.observer.value(
                "select id from queue.enqueue('a', '{}', run_at => clock_timestamp() + interval '1 hour')"
            )
            let job = try #require(id.flatMap { Int64($0) })
            try await stage.database.withPool { pool in
                let control = JobControl(pool: pool)
                let retried = try await control.retry(job, until: .after(.seconds(20)))
                #expect(retried?.isChanged == true)
                #expect(try await stage.said(upTo: "first") == [NotifyListeners.everyKind])
                let refused = try await control.retry(job, until: .after(.seconds(20)))
                #expect(refused?.isChanged == false)
                #expect(try await stage.said(upTo: "second") == [])
            }
        }
    }
}
