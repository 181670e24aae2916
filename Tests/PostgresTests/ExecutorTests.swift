import TestSupport
import Testing

@testable import Postgres

@Suite("Tasks on the reactor's thread", .needsServer, .database, .timeLimit(.minutes(1)))
struct ExecutorTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    @Test("read their own answers, many to a connection, while others fail beside them")
    func reads() async throws {
        try await database.withPool(shared: 2) { pool in
            let sums = try await withThrowingTaskGroup(of: Int.self) { group in
                for task in 0..<32 {
                    group.addTask(executorPreference: pool.executor) {
                        var sum = 0
                        for number in 0..<50 {
                            if task % 8 == 7 {
                                await #expect(throws: PostgresError.self) {
                                    try await pool.execute(SharedDivision(divisor: 0), until: .far)
                                }
                            }
                            let read = try await pool.execute(ReadNumber(number: number), until: .far)
                            #expect(read == number)
                            sum += read
                        }
                        return sum
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sums == Array(repeating: 1225, count: 32))
        }
    }

    @Test("run transactions beside each other")
    func transactions() async throws {
        try await database.withPool(leased: 3) { pool in
            try await pool.run("CREATE TABLE on_reactor (id int4)")
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask(executorPreference: pool.executor) {
                        try await pool.withTransaction(until: .far) {
                            try await $0.run("INSERT INTO on_reactor VALUES (1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.value("SELECT count(*) FROM on_reactor", as: Int.self) == 20)
        }
    }

    @Test("come to their end though the pool was closed under them")
    func afterClose() async throws {
        let pool = database.pool()
        _ = try await pool.execute(ReadNumber(number: 1), until: .far)
        let executor = pool.executor
        pool.close()
        let error = try await Task(executorPreference: executor) {
            await Task.yield()
            return try await failure { try await pool.execute(ReadNumber(number: 1), until: .far) }
        }.value
        #expect(error.isPoolClosed)
    }
}

/// Fails on the server for a divisor of 0.
private struct SharedDivision: OneRow {
    static let sql = SQL("shared_division", "SELECT 1 / $1::int4")
    static let route = Route.shared
    let divisor: Int32
    func bind(to parameters: inout Parameters) { parameters.append(divisor) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int32 { try row.next() }
}
