import TestSupport
import Testing

@testable import Postgres

private struct SourceFailed: Error {}

@Suite("COPY", .needsServer, .database, .timeLimit(.minutes(1)))
struct CopyTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    /// A session with a table of the test's own.
    private func withTable(_ name: String, _ body: (Session, _ copyIn: SQL) async throws -> Void) async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.run("CREATE TABLE \(name) (id int4 PRIMARY KEY, text text)")
            try await pool.withSession(until: .far) { session in
                try await body(session, SQL("copy_in", "COPY \(name) FROM STDIN"))
                let process = try await session.value("SELECT pg_backend_pid()", as: Int32.self)
                #expect(process == session.processID, "the session is usable afterwards")
            }
        }
    }

    private func count(_ table: String, _ session: Session) async throws -> Int {
        try await session.value("SELECT count(*) FROM \(table)", as: Int.self)
    }

    @Test("takes a hundred thousand rows in and gives them back")
    func manyRows() async throws {
        try await withTable("many_rows") { session, copyIn in
            var batches = (0..<100).map { batch in
                (0..<1000).flatMap { Array("\(batch * 1000 + $0)\t嘉善\n".utf8) }
            }[...]
            let copied = try await session.copyIn(copyIn) { batches.popFirst() }
            #expect(copied == 100_000)
            var (rows, bytes) = (0, 0)
            let out = try await session.copyOut(SQL("copy_out", "COPY many_rows TO STDOUT")) { row in
                rows += 1
                bytes += row.count
            }
            #expect(out == 100_000 && rows == 100_000)
            #expect(bytes == (0..<100_000).reduce(0) { $0 + "\($1)\t嘉善\n".utf8.count })
        }
    }

    @Test("takes chunks of any size", arguments: [1, 3, 65_536, 1 << 20])
    func chunks(_ size: Int) async throws {
        try await withTable("chunks_\(size)") { session, copyIn in
            let rows = max(10, size / 1000)
            var data = (0..<rows).flatMap { Array("\($0)\t\(String(repeating: "x", count: 1000))\n".utf8) }[...]
            let copied = try await session.copyIn(copyIn) {
                guard !data.isEmpty else { return nil }
                defer { data = data.dropFirst(size) }
                return Array(data.prefix(size))
            }
            #expect(copied == rows)
        }
    }

    @Test("takes nothing at all, and empty chunks")
    func empty() async throws {
        try await withTable("empty_copy") { session, copyIn in
            let none = try await session.copyIn(copyIn) { nil }
            #expect(none == 0)
            var chunks: ArraySlice<[UInt8]> = [[], Array("1\ta\n".utf8), []]
            let one = try await session.copyIn(copyIn) { chunks.popFirst() }
            #expect(one == 1)
        }
    }

    @Test("copies nothing when its source fails midway, whatever it throws", arguments: [true, false])
    func sourceFails(_ throwsOurOwn: Bool) async throws {
        try await withTable("source_fails_\(throwsOurOwn)") { session, copyIn in
            var chunks = 0
            do {
                _ = try await session.copyIn(copyIn) {
                    chunks += 1
                    guard chunks < 3 else {
                        if throwsOurOwn { throw PostgresError.timedOut(.waitingForConnection) }
                        throw SourceFailed()
                    }
                    return Array("\(chunks)\ta\n".utf8)
                }
                Issue.record("the copy went through")
            } catch let error as PostgresError {
                #expect(throwsOurOwn && error.phase == .waitingForConnection)
            } catch {
                #expect(!throwsOurOwn && error is SourceFailed)
            }
            let left = try await count("source_fails_\(throwsOurOwn)", session)
            #expect(left == 0)
        }
    }

    @Test("names the line that the server refuses")
    func badRow() async throws {
        try await withTable("bad_row") { session, copyIn in
            var chunks: ArraySlice<[UInt8]> = [Array("1\ta\n".utf8), Array("x\tb\n".utf8), Array("3\tc\n".utf8)]
            let error = try await failure { try await session.copyIn(copyIn) { chunks.popFirst() } }
            #expect(error.sqlState?.rawValue == "22P02")
            #expect(error.server?.context == "COPY bad_row, line 2, column id: \"x\"")
            #expect(error.server?.statement == "copy_in")
            #expect(try await count("bad_row", session) == 0)
        }
    }

    @Test("says which key is there already, though much more data follows")
    func duplicate() async throws {
        try await withTable("duplicate") { session, copyIn in
            var batches = 0
            let error = try await failure {
                try await session.copyIn(copyIn) {
                    batches += 1
                    return batches > 200 ? nil : Array(repeating: Array("7\ta\n".utf8), count: 1000).flatMap { $0 }
                }
            }
            #expect(error.sqlState == .uniqueViolation)
            #expect(error.server?.constraint == "duplicate_pkey")
            #expect(error.server?.detail == "Key (id)=(7) already exists.")
            #expect(error.server?.context?.contains("line 2") == true)
            #expect(try await count("duplicate", session) == 0)
        }
    }

    @Test("of a table that is not there is the server's error")
    func missingTable() async throws {
        try await withTable("not_missing") { session, _ in
            let sql = SQL("copy_missing", "COPY missing FROM STDIN")
            let error = try await failure { try await session.copyIn(sql) { nil } }
            #expect(error.sqlState == .undefinedTable)
        }
    }

    @Test("in the wrong direction, or none, is refused, and the pool goes on", arguments: 0..<3)
    func wrongDirection(_ kind: Int) async throws {
        try await database.withPool(leased: 1) { pool in
            let error = try await failure {
                try await pool.withSession(until: .far) { session in
                    try await session.run("CREATE TEMP TABLE wrong (id int8)")
                    switch kind {
                    case 0: _ = try await session.copyIn(SQL("wrong", "COPY (SELECT 1) TO STDOUT")) { nil }
                    case 1: _ = try await session.copyOut(SQL("wrong", "COPY wrong FROM STDIN")) { _ in }
                    default: _ = try await session.copyOut(SQL("wrong", "SELECT 1")) { _ in }
                    }
                }
            }
            #expect(error.decoding?.statement == "wrong")
            #expect(try await pool.value("SELECT 7", as: Int.self) == 7)
        }
    }

    @Test("inside a transaction is committed and rolled back with it")
    func transaction() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.run("CREATE TABLE copied_in_transaction (id int8)")
            let copyIn = SQL("copy_in", "COPY copied_in_transaction FROM STDIN")
            for isCommitted in [false, true] {
                do {
                    try await pool.withTransaction(until: .far) { tx in
                        var chunks: ArraySlice<[UInt8]> = [Array("1\n2\n".utf8)]
                        #expect(try await tx.copyIn(copyIn) { chunks.popFirst() } == 2)
                        #expect(try await count("copied_in_transaction", tx) == 2)
                        if !isCommitted { throw SourceFailed() }
                    }
                } catch is SourceFailed {}
                let expected = isCommitted ? 2 : 0
                #expect(try await pool.value("SELECT count(*) FROM copied_in_transaction", as: Int.self) == expected)
            }
        }
    }

    @Test("whose reader stops midway gives its error, and the pool goes on")
    func readerStops() async throws {
        try await database.withPool(leased: 1) { pool in
            await #expect(throws: SourceFailed.self) {
                try await pool.withSession(until: .far) { session in
                    let sql = SQL("copy_out", "COPY (SELECT generate_series(1, 100000)) TO STDOUT")
                    _ = try await session.copyOut(sql) { _ in throw SourceFailed() }
                }
            }
            let value = try await pool.value("SELECT 7", as: Int.self)
            #expect(value == 7)
        }
    }

    @Test("out that fails midway is the server's error, after the rows before it")
    func serverFailsMidway() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { session in
                var rows = 0
                let sql = SQL("copy_out", "COPY (SELECT 1 / (50000 - n) FROM generate_series(1, 100000) n) TO STDOUT")
                let error = try await failure { try await session.copyOut(sql) { _ in rows += 1 } }
                #expect(error.sqlState?.rawValue == "22012")
                #expect(rows > 0 && rows < 50_000)
                #expect(try await session.value("SELECT 7", as: Int.self) == 7)
            }
        }
    }

    @Test("on a connection that is killed midway is a lost connection", arguments: [true, false])
    func killed(_ isIn: Bool) async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(leased: 1) { pool in
            try await pool.run("CREATE TABLE IF NOT EXISTS killed_\(isIn) (id int8)")
            let error = try await failure {
                try await pool.withSession(until: .far) { session in
                    let process = session.processID
                    if isIn {
                        var chunks = 0
                        _ = try await session.copyIn(SQL("copy", "COPY killed_true FROM STDIN")) {
                            chunks += 1
                            if chunks == 3 { try await observer.kill(process) }
                            return chunks < 1000
                                ? Array(repeating: Array("1\n".utf8), count: 10_000).flatMap { $0 } : nil
                        }
                    } else {
                        var rows = 0
                        let sql = SQL("copy", "COPY (SELECT generate_series(1, 10000000)) TO STDOUT")
                        _ = try await session.copyOut(sql) { _ in
                            rows += 1
                            if rows == 3 { try await observer.kill(process) }
                        }
                    }
                }
            }
            #expect(error.connection != nil, "\(error)")
            #expect(try await pool.value("SELECT 7", as: Int.self) == 7)
        }
    }

    @Test("whose last answer is lost is unknown, unless a transaction decides", arguments: [true, false])
    func lostAnswer(_ isInTransaction: Bool) async throws {
        let proxy = try Proxy(to: database.conninfo)
        defer { proxy.close() }
        let connectionString = proxy.conninfo(database.conninfo).text
        try await database.withPool(leased: 1, configure: { $0.connectionString = connectionString }) { pool in
            try await pool.run("CREATE TABLE lost_answer_\(isInTransaction) (id int8)")
            let sql = SQL("copy_in", "COPY lost_answer_\(isInTransaction) FROM STDIN")
            // The message that ends the data.
            proxy.set(.swallowReplies, after: "c\u{0}\u{0}\u{0}\u{4}") { proxy.cut() }
            let error = try await failure {
                var chunks: ArraySlice<[UInt8]> = [Array("1\n2\n".utf8)]
                if isInTransaction {
                    _ = try await pool.withTransaction(until: .far) { try await $0.copyIn(sql) { chunks.popFirst() } }
                } else {
                    _ = try await pool.withSession(until: .far) { try await $0.copyIn(sql) { chunks.popFirst() } }
                }
            }
            #expect(isInTransaction ? error.connection != nil : error.isCommitUnknown, "\(error)")
        }
    }

    @Test("that a server does not answer ends at its deadline, and the pool goes on")
    func deadline() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.run("SELECT 'connected'")
            let error = try await failure {
                try await pool.withSession(until: .after(.milliseconds(300))) { session in
                    try await session.copyOut(SQL("copy", "COPY (SELECT pg_sleep(600)) TO STDOUT")) { _ in }
                }
            }
            #expect(error.phase == .waitingForAnswer)
            #expect(try await pool.value("SELECT 7", as: Int.self) == 7)
        }
    }

    @Test("ends with its task, even while it waits for the server, and the pool goes on")
    func cancelled() async throws {
        try await database.withPool(leased: 1) { pool in
            let observer = try await database.observer()
            defer { observer.close() }
            let copy = Task {
                try await pool.withSession(until: .far) { session in
                    // The server has nothing to say for an hour.
                    try await session.copyOut(SQL("slow", "COPY (SELECT pg_sleep(3600)) TO STDOUT")) { _ in }
                }
            }
            try await observer.waitUntilRunning("COPY (SELECT pg_sleep")
            copy.cancel()
            await #expect(throws: PostgresError.self) { try await copy.value }
            try await pool.run("SELECT 1")
        }
    }

    @Test("after a statement that was cancelled fails, without bringing the process down")
    func afterCancelledStatement() async throws {
        try await database.withPool(leased: 1) { pool in
            let observer = try await database.observer()
            defer { observer.close() }
            let task = Task {
                try await pool.withTransaction(until: .far) { tx in
                    _ = try? await tx.execute(Sleep(seconds: 600))
                    _ = try await tx.copyIn(SQL("copy", "COPY pg_class FROM STDIN")) { nil }
                }
            }
            try await observer.wait(
                for: "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%float8%')"
            )
            task.cancel()
            let error = try await failure { try await task.value }
            #expect(error.isCancelled || error.isRolledBack)
            #expect(try await pool.value("SELECT 7", as: Int.self) == 7)
        }
    }
}
