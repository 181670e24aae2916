import Catalog
import Commands
import FoundationEssentials
package import Postgres
package import Testing

/// A database of a test's own on the server that `AMENITY_TEST_DATABASE` names, made from `template1` and dropped
/// afterwards.
package struct TestDatabase: Sendable {
    package let name: String
    package let conninfo: Conninfo

    /// The maintenance database's connection string, or `nil` when there is no server to test with.
    package static var maintenance: String? {
        let value = ProcessInfo.processInfo.environment["AMENITY_TEST_DATABASE"] ?? ""
        return value.isEmpty ? nil : value
    }

    package static var isAvailable: Bool { maintenance != nil }

    /// The database of the suite that carries the ``DatabaseTrait``.
    @TaskLocal package static var current: TestDatabase?

    /// The suite's database.
    package static func required() throws -> TestDatabase {
        guard let current else { throw TestSupportError("this suite lacks the .database trait") }
        return current
    }

    package var configuration: PostgresConfiguration {
        PostgresConfiguration(connectionString: conninfo.text, applicationName: name)
    }

    /// A pool on the database; the caller closes it.
    package func pool() -> Pool { Pool(configuration) }

    /// Lends a pool that is closed afterwards.
    package func withPool<Value>(
        shared: Int = 1,
        leased: Int = 3,
        observer: @escaping @Sendable (PoolEvent) -> Void = { _ in },
        configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (Pool) async throws -> Value
    ) async throws -> Value {
        var configuration = configuration
        configuration.sharedConnections = shared
        configuration.leasedConnections = leased
        configure(&configuration)
        let pool = Pool(configuration, observer: observer)
        defer { pool.close() }
        return try await body(pool)
    }

    /// A second pair of eyes on the server: a plain session outside any pool.
    package func observer() async throws -> ServerObserver { try await ServerObserver(configuration) }
}

/// Lends a fresh database for as long as the body runs.
package func withDatabase<Value>(_ body: (TestDatabase) async throws -> Value) async throws -> Value {
    guard let maintenance = TestDatabase.maintenance else {
        throw TestSupportError("AMENITY_TEST_DATABASE is not set; run the tests with ./dev test")
    }
    var conninfo = try Conninfo(maintenance)
    guard conninfo.isLocal else {
        throw TestSupportError("AMENITY_TEST_DATABASE must name a local host: a socket folder, localhost or 127.0.0.1")
    }
    let administrator = try await ScriptSession.open(
        PostgresConfiguration(connectionString: maintenance, applicationName: "tests")
    )
    defer { administrator.close() }
    let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(16)
    try await administrator.execute("CREATE DATABASE \(name)")
    conninfo["dbname"] = name
    do {
        let value = try await body(TestDatabase(name: name, conninfo: conninfo))
        try await administrator.execute("DROP DATABASE \(name) WITH (FORCE)")
        return value
    } catch {
        _ = try? await administrator.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        throw error
    }
}

/// Gives a suite one database, which its tests share as ``TestDatabase/current``.
package struct DatabaseTrait: SuiteTrait, TestScoping {
    fileprivate enum Contents {
        case nothing
        case schema
        case starterCatalogue
    }

    fileprivate let contents: Contents
    package var isRecursive: Bool { false }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withDatabase { database in
            if contents != .nothing { try await database.migrate() }
            if contents == .starterCatalogue { try await database.seed() }
            try await TestDatabase.$current.withValue(database) { try await function() }
        }
    }
}

extension TestDatabase {
    /// Brings the schema to what the programs need.
    package func migrate() async throws { _ = try await Migrator(configuration).migrate { _ in } }

    /// Loads the starter catalogue of `db/seed`.
    package func seed() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        try await withPool { pool in
            _ = try await SeedImporter(pool: pool).load(
                try Seed(folder: root.appending(path: "db/seed")),
                until: .after(.seconds(60))
            )
        }
    }
}

extension Trait where Self == DatabaseTrait {
    /// One empty database for the suite.
    package static var database: DatabaseTrait { DatabaseTrait(contents: .nothing) }

    /// One database with the whole schema and no rows.
    package static var migratedDatabase: DatabaseTrait { DatabaseTrait(contents: .schema) }

    /// One database with the starter catalogue.
    package static var seededDatabase: DatabaseTrait { DatabaseTrait(contents: .starterCatalogue) }
}

extension Trait where Self == ConditionTrait {
    /// Skips what needs a server where there is none.
    package static var needsServer: ConditionTrait {
        .enabled(
            if: TestDatabase.isAvailable,
            "AMENITY_TEST_DATABASE names no server; ./dev test sets one up"
        )
    }
}
