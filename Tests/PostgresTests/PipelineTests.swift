import TestSupport
import Testing

@testable import Postgres

private struct Insert: Command {
    static let sql = SQL("insert", "INSERT INTO pipelined VALUES ($1::int8, $2::text)")
    let id: Int
    let text: String
    func bind(to parameters: inout Parameters) {
        parameters.append(id)
        parameters.append(text)
    }
}

private struct CountPipelined: OneRow {
    static let sql = SQL("count_pipelined", "SELECT count(*) FROM pipelined WHERE id / 1000 = $1::int8 / 1000")
    let like: Int
    func bind(to parameters: inout Parameters) { parameters.append(like) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

private struct SharedWrite: Command {
    static let sql = SQL("shared_write", "INSERT INTO pipelined VALUES (99999, 'shared')")
    static let route = Route.shared
}

@Suite("The pipeline", .needsServer, .database, .timeLimit(.minutes(1)))
struct PipelineTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    private func withTable<Value>(_ body: (Pool) async throws -> Value) async throws -> Value {
        try await database.withPool(leased: 1) { pool in
            // The suite's tests run at once, and IF NOT EXISTS does not keep two of them from colliding.
            try await pool.run(
                """
                DO $$ BEGIN
                    PERFORM pg_advisory_xact_lock(1);
                    CREATE TABLE IF NOT EXISTS pipelined (id int8 PRIMARY KEY, text text);
                END $$
                """
            )
            return try await body(pool)
        }
    }

    @Test("carries a row of a megabyte both ways", arguments: [1 << 20, 8191, 8192, 8193, 16384])
    func largeRow(_ size: Int) async throws {
        let text = String(repeating: "x", count: size - 1) + "y"
        let echoed = try await database.withPool(leased: 1) { try await $0.execute(EchoText(text: text), until: .far) }
        #expect(echoed == text)
    }

    @Test("carries ten thousand rows")
    func manyRows() async throws {
        let rows = try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { session in
                try await session.command(SQL("many", "SELECT n, n::text FROM generate_series(1::int8, 10000) n"))
            }
        }
        #expect(rows.count == 10000)
        for index in stride(from: 0, to: 10000, by: 333) {
            let (number, text) = try rows.row(index) { row throws(PostgresError) in
                (try row.next(Int.self), try row.next(String.self))
            }
            #expect(number == index + 1 && text == "\(index + 1)")
        }
    }

    @Test("takes 65,535 parameters and refuses 65,536 without losing the session", arguments: [65_535, 65_536])
    func parameterLimit(_ count: Int) async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { session in
                var parameters = Parameters()
                for index in 0..<count { parameters.append(Int16(truncatingIfNeeded: index)) }
                let sql = SQL("parameters", "SELECT ARRAY[" + (1...count).map { "$\($0)" }.joined(separator: ",") + "]")
                let command = PipelineCommand(sql: sql, parameters: parameters, isPrepared: true)
                let answer = await session.connection.submit([command], effect: .commits, until: .far)
                switch answer {
                case .success(let results):
                    #expect(count == 65_535)
                    let array = try Rows(result: results[0], statement: "parameters").row(0) {
                        row throws(PostgresError) in try row.next(PostgresArray<Int16>.self)
                    }
                    #expect(array.elements.count == count)
                case .failure(let error):
                    #expect(count == 65_536)
                    #expect(error.sqlState == .tooManyArguments)
                    #expect(error.server?.statement == "parameters")
                }
                #expect(try await session.value("SELECT 1", as: Int.self) == 1)
            }
        }
    }

    @Test("carries a batch far larger than the socket's buffers, and as much back")
    func largeBatch() async throws {
        let texts = (0..<5000).map { "\($0)" + String(repeating: "嘉", count: 680) }
        let echoed = try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { try await $0.pipeline(texts.map(EchoText.init)) }
        }
        #expect(echoed == texts)
    }

    @Test("answers an empty batch with nothing, and a batch of different statements in order")
    func smallBatches() async throws {
        try await withTable { pool in
            try await pool.withSession(until: .far) { session in
                let none = try await session.pipeline([EchoText]())
                #expect(none.isEmpty)
                let (text, count, slept) = try await session.pipeline(
                    EchoText(text: "a"),
                    CountPipelined(like: 77_000),
                    Sleep(seconds: 0)
                )
                #expect(text == "a" && count == 0 && slept == 0)
            }
        }
    }

    @Test("undoes the neighbours of a failed statement outside a transaction", arguments: 0..<5)
    func errorAtEachPosition(_ position: Int) async throws {
        try await withTable { pool in
            try await pool.withSession(until: .far) { session in
                let base = 1000 * (position + 1)
                _ = try await session.execute(Insert(id: base + 999, text: "there already"))
                let batch = (0..<5).map { Insert(id: $0 == position ? base + 999 : base + $0, text: "\($0)") }
                let error = try await failure { try await session.pipeline(batch) }
                #expect(error.sqlState == .uniqueViolation)
                #expect(error.server?.constraint == "pipelined_pkey")
                #expect(error.server?.statement == "insert")
                #expect(try await session.execute(CountPipelined(like: base)) == 1, "only the row from before")
            }
        }
    }

    @Test("names the failed statement of a batch of different ones")
    func failedStatement() async throws {
        try await database.withPool(leased: 1) { pool in
            try await pool.withSession(until: .far) { session in
                let error = try await failure {
                    try await session.pipeline(EchoText(text: "a"), Divide(number: 0), ReadNumber(number: 1))
                }
                #expect(error.server?.statement == "divide")
                let (text, number) = try await session.pipeline(EchoText(text: "a"), ReadNumber(number: 1))
                #expect(text == "a" && number == 1)
            }
        }
    }

    @Test("gives each of many tasks on few connections its own answer, also when some fail")
    func manyTasks() async throws {
        try await database.withPool(shared: 2) { pool in
            let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
                for task in 0..<100 {
                    group.addTask {
                        var wrong = 0
                        for round in 0..<20 {
                            let number = (task * 20 + round) % 7 == 0 ? 0 : task * 20 + round
                            do {
                                let answer = try await pool.execute(Divide(number: number), until: .far)
                                wrong += number == 0 || answer != 1_000_000 / number ? 1 : 0
                            } catch let error as PostgresError {
                                wrong += number == 0 && error.sqlState?.rawValue == "22012" ? 0 : 1
                            }
                        }
                        return wrong
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(wrong == 0)
        }
    }

    @Test("refuses a write over a shared connection")
    func sharedWrite() async throws {
        try await withTable { pool in
            let error = try await failure { try await pool.execute(SharedWrite(), until: .far) }
            #expect(error.sqlState == .readOnlyTransaction)
            #expect(try await pool.execute(ReadNumber(number: 5), until: .far) == 5)
        }
    }

    @Test("counts two callers of a new statement that fails to parse as two failures, and nothing stays behind")
    func parseFailure() async throws {
        try await withTable { pool in
            try await pool.withSession(until: .far) { session in
                for _ in 0..<2 {
                    let error = try await failure {
                        try await session.ask("SELECT missing FROM nowhere WHERE $1::int8 > 0", 1, Int.self)
                    }
                    #expect(error.sqlState == .undefinedTable)
                }
                try await session.run("CREATE TEMP TABLE nowhere AS SELECT 7::int8 AS missing")
                let found = try await session.ask("SELECT missing FROM nowhere WHERE $1::int8 > 0", 1, Int.self)
                #expect(found == 7)
            }
        }
    }
}
