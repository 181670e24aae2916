import Commands
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite("The migrator on a real database", .needsServer, .timeLimit(.minutes(2)))
struct MigratorTests {
    private static let files = [
        Migration("0001_one", "create table public.one (id integer);"),
        Migration("0002_two", "create table public.two (id integer); insert into public.two values (1);"),
    ]

    private static func migrate(
        _ database: TestDatabase,
        _ files: [Migration],
        report: @Sendable (Migrator.Event) -> Void = { _ in }
    ) async throws -> [String] {
        try await Migrator(database.configuration, migrations: files).migrate(report: report).map(\.name)
    }

    private static func query(_ database: TestDatabase, _ text: String) async throws -> [[String?]] {
        let session = try await ScriptSession.open(database.configuration)
        defer { session.close() }
        return try await session.execute(text)
    }

    @Test("a fresh database gets every file once, and a second run finds nothing to do")
    func freshAndAgain() async throws {
        try await withDatabase { database in
            let migrator = Migrator(database.configuration)
            #expect(try await migrator.plan().applied.isEmpty)
            #expect(try await migrator.migrate { _ in }.map(\.name) == Migration.all.map(\.name))
            #expect(try await migrator.migrate { _ in }.isEmpty)
            let plan = try await migrator.plan()
            #expect(plan.isCurrent)
            #expect(plan.applied.allSatisfy { $0.checksum.count == 64 })
            #expect(try await QueryCheck(database.configuration).failures().map(\.name) == [])
        }
    }

    @Test("a look at a fresh database leaves nothing behind")
    func planIsReadOnly() async throws {
        try await withDatabase { database in
            _ = try await Migrator(database.configuration).plan()
            #expect(try await Self.query(database, "select to_regclass('public.amenity_migration')") == [[nil]])
        }
    }

    @Test("of two migrators at once each file is applied by one")
    func twoAtOnce() async throws {
        try await withDatabase { database in
            let second = Mutex<Task<[String], any Error>?>(nil)
            // The second starts while the first holds the lock: the first's report is called in the middle of its work.
            let first = try await Self.migrate(database, Self.files) { event in
                guard case .applied(let file) = event, file.number == 1 else { return }
                second.withLock { task in
                    task = Task { try await Self.migrate(database, Self.files) }
                }
            }
            let other = try #require(second.withLock { $0 })
            #expect(first == ["0001_one", "0002_two"])
            #expect(try await other.value == [])
            #expect(try await Self.query(database, "select count(*) from public.two") == [["1"]])
        }
    }

    @Test("a migrator waits for the lock and says so")
    func waiting() async throws {
        try await withDatabase { database in
            let holder = try await ScriptSession.open(database.configuration)
            let key = 0x61_6d65_6e69_7479
            try await holder.execute("select pg_advisory_lock(\(key))")
            let events = EventLog<Bool>()
            let waiter = Task {
                try await Self.migrate(database, Self.files) { event in
                    if case .waitsForAnother = event { events.record(true) }
                }
            }
            _ = try await events.first { $0 }
            holder.close()
            #expect(try await waiter.value == ["0001_one", "0002_two"])
        }
    }

    @Test("an applied file that was changed is refused by name, and nothing is applied")
    func changed() async throws {
        try await withDatabase { database in
            _ = try await Self.migrate(database, [Self.files[0]])
            let edited = [Migration("0001_one", Self.files[0].text + " "), Self.files[1]]
            let error = await #expect(throws: MigrationRefusal.self) { try await Self.migrate(database, edited) }
            #expect(error?.description.contains("0001_one.sql was changed") == true)
            #expect(try await Self.query(database, "select to_regclass('public.two')") == [[nil]])
        }
    }

    @Test("a database of a newer program is refused")
    func newer() async throws {
        try await withDatabase { database in
            _ = try await Self.migrate(database, Self.files)
            let error = await #expect(throws: MigrationRefusal.self) {
                try await Self.migrate(database, [Self.files[0]])
            }
            #expect(error == .databaseIsNewer("0002_two", newestKnown: "0001_one"))
        }
    }

    @Test(
        "a file that fails is rolled back as a whole, and the files before it stay",
        arguments: [
            "create table public.two (id integer); select 1 / 0;",
            // It ends the transaction itself, so that its bookkeeping could not be undone with it.
            "create table public.two (id integer); rollback;",
        ]
    )
    func failing(text: String) async throws {
        try await withDatabase { (database) async throws in
            let broken = [Self.files[0], Migration("0002_two", text)]
            let failure = await #expect(throws: MigrationFailure.self) { try await Self.migrate(database, broken) }
            #expect(failure?.description.hasPrefix("0002_two.sql failed: 2") == true)
            #expect(try await Self.query(database, "select to_regclass('public.two')") == [[nil]])
            #expect(try await Self.query(database, "select name from public.amenity_migration") == [["0001_one"]])
            #expect(try await Self.migrate(database, Self.files) == ["0002_two"])
        }
    }

    @Test("a query that no longer fits the schema is reported by its name")
    func queryCheck() async throws {
        try await withDatabase { database in
            _ = try await Migrator(database.configuration).migrate { _ in }
            _ = try await Self.query(database, "alter table access.token rename column name to label")
            let failures = try await QueryCheck(database.configuration).failures()
            #expect(failures.map(\.name).sorted() == ["create_token", "list_tokens", "narrow_token", "rotate_token"])
            #expect(failures.allSatisfy { $0.error.sqlState.rawValue == "42703" })
        }
    }
}
