import TestSupport
import Testing

@testable import Postgres

@Suite("Over a wire that carries one byte at a time", .needsServer, .database, .timeLimit(.minutes(1)))
struct FragmentationTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    private func withPool<Value>(_ body: (Pool) async throws -> Value) async throws -> Value {
        let proxy = try Proxy(to: database.conninfo)
        defer { proxy.close() }
        proxy.set(.fragment)
        return try await database.withPool(
            leased: 1,
            configure: { $0.connectionString = proxy.conninfo(database.conninfo).text },
            body
        )
    }

    @Test("statements, errors and batches arrive")
    func statements() async throws {
        try await withPool { pool in
            for number in 0..<20 { #expect(try await pool.execute(ReadNumber(number: number), until: .far) == number) }
            let error = try await failure { try await pool.execute(Divide(number: 0), until: .far) }
            #expect(error.sqlState?.rawValue == "22012")
            let texts = (0..<50).map { "\($0) 嘉善" }
            let echoed = try await pool.withSession(until: .far) { try await $0.pipeline(texts.map(EchoText.init)) }
            #expect(echoed == texts)
        }
    }

    @Test("many tasks share a connection")
    func sharing() async throws {
        try await withPool { pool in
            let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...100 {
                    group.addTask { try await pool.execute(Divide(number: number), until: .far) != 1_000_000 / number }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wrong == 0)
        }
    }

    @Test("transactions are committed and rolled back")
    func transactions() async throws {
        struct Stop: Error {}
        try await withPool { pool in
            try await pool.run("CREATE TABLE fragmented (id int8)")
            try await pool.withTransaction(until: .far) { try await $0.run("INSERT INTO fragmented VALUES (1)") }
            await #expect(throws: Stop.self) {
                try await pool.withTransaction(until: .far) { tx in
                    try await tx.run("INSERT INTO fragmented VALUES (2)")
                    throw Stop()
                }
            }
            #expect(try await pool.value("SELECT count(*) FROM fragmented", as: Int.self) == 1)
        }
    }

    @Test("rows are copied in and out")
    func copying() async throws {
        try await withPool { pool in
            try await pool.run("CREATE TABLE copied_in_fragments (id int8, text text)")
            try await pool.withSession(until: .far) { session in
                var chunks = (0..<50).map { Array("\($0)\t嘉善\n".utf8) }[...]
                let count = try await session.copyIn(SQL("copy", "COPY copied_in_fragments FROM STDIN")) {
                    chunks.popFirst()
                }
                #expect(count == 50)
                var rows: [String] = []
                let copied = try await session.copyOut(SQL("copy", "COPY copied_in_fragments TO STDOUT")) {
                    rows.append(String(decoding: $0, as: UTF8.self))
                }
                #expect(copied == 50 && rows.count == 50)
                #expect(rows.last == "49\t嘉善\n")
            }
        }
    }

    @Test("a statement is cancelled")
    func cancelling() async throws {
        try await withPool { pool in
            let observer = try await database.observer()
            defer { observer.close() }
            let task = Task { try await pool.execute(SharedSleep(seconds: 60), until: .far) }
            try await observer.waitUntilRunning("pg_sleep")
            task.cancel()
            let error = try await failure { try await task.value }
            #expect(error.isCancelled)
            #expect(try await pool.execute(ReadNumber(number: 5), until: .far) == 5)
        }
    }

    @Test("notifications arrive")
    func notifications() async throws {
        let proxy = try Proxy(to: database.conninfo)
        defer { proxy.close() }
        proxy.set(.fragment)
        var configuration = database.configuration
        configuration.connectionString = proxy.conninfo(database.conninfo).text
        var events = Notifications(configuration, channels: ["fragments"]).events().makeAsyncIterator()
        #expect(await events.next() == .resync)
        try await database.withPool { try await $0.run("NOTIFY fragments, '嘉善'") }
        #expect(await events.next() == .notification(Notification(channel: "fragments", payload: "嘉善")))
    }
}
