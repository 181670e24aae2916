import TestSupport
import Testing

@testable import Postgres

@Suite("A script session", .needsServer, .database, .timeLimit(.minutes(1)))
struct ScriptSessionTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase.required() }

    private func withSession<Value>(_ body: (ScriptSession) async throws -> Value) async throws -> Value {
        let session = try await ScriptSession.open(database.configuration)
        defer { session.close() }
        return try await body(session)
    }

    @Test("runs several statements and gives the last one's rows as text")
    func script() async throws {
        try await withSession { session in
            let rows = try await session.execute(
                "CREATE TABLE scripted (id int8, text text); INSERT INTO scripted VALUES (1, NULL), (2, '嘉');"
                    + "SELECT * FROM scripted ORDER BY id"
            )
            #expect(rows == [["1", nil], ["2", "嘉"]])
            #expect(try await session.execute("INSERT INTO scripted VALUES (3, 'c')") == [])
            #expect(try await session.execute("") == [])
        }
    }

    @Test("undoes a script with an error in its middle, and goes on")
    func errorInScript() async throws {
        try await withSession { session in
            let error = try await failure {
                try await session.execute("CREATE TABLE undone (id int8); SELECT 1/0; CREATE TABLE never (id int8)")
            }
            #expect(error.sqlState?.rawValue == "22012")
            let rows = try await session.execute("SELECT to_regclass('undone')::text, to_regclass('never')::text")
            #expect(rows == [[nil, nil]])
        }
    }

    @Test("says which parameters and columns a statement has")
    func describe() async throws {
        try await withSession { session in
            let shape = try await session.describe(
                SQL("described", "SELECT $1::uuid AS id, count(*) AS total FROM pg_class WHERE relname = $2")
            )
            #expect(shape.parameters == [TypeOID.uuid, TypeOID.name])
            #expect(shape.columns.map(\.name) == ["id", "total"])
            #expect(shape.columns.map(\.type) == [TypeOID.uuid, TypeOID.int8])
            let none = try await session.describe(SQL("nothing", "VACUUM"))
            #expect(none.parameters.isEmpty && none.columns.isEmpty)
        }
    }

    @Test("describes a mistake as the server's error, by the statement's name")
    func describeMistake() async throws {
        try await withSession { session in
            let error = try await failure { try await session.describe(SQL("mistaken", "SELECT missing")) }
            #expect(error.sqlState?.rawValue == "42703")
            #expect(error.server?.statement == "mistaken")
            #expect(try await session.execute("SELECT 1") == [["1"]])
        }
    }

    @Test("whose backend is killed says why")
    func killed() async throws {
        let observer = try await database.observer()
        defer { observer.close() }
        try await withSession { session in
            let process = try await session.execute("SELECT pg_backend_pid()").first?.first ?? nil
            try await observer.kill(try #require(process.flatMap { Int32($0) }))
            let error = try await failure { try await session.execute("SELECT 1") }
            #expect(error.connection != nil)
        }
    }

    @Test("refuses work after it is closed")
    func closed() async throws {
        let session = try await ScriptSession.open(database.configuration)
        session.close()
        let error = try await failure { try await session.execute("SELECT 1") }
        #expect(error.isPoolClosed)
    }

    @Test("that cannot be opened is a connection that was not made")
    func refused() async throws {
        var configuration = database.configuration
        configuration.connectionString = "host=/nonexistent dbname=x"
        let error = try await failure { try await ScriptSession.open(configuration) }
        #expect(error.connection?.stage == .connect)
    }
}
