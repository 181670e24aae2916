import Commands
import Foundation
import Postgres
import Testing

@Suite("The plan of migrations")
struct MigrationPlanTests {
    private static let files = [Migration("0001_a", "a"), Migration("0002_b", "b"), Migration("0003_c", "c")]
    private static let checksums = ["aa", "bb", "cc"]

    private static func record(_ number: Int, _ name: String, _ checksum: String) -> AppliedMigration {
        AppliedMigration(number: number, name: name, checksum: checksum, appliedAt: "2026-01-01T00:00:00Z")
    }

    private static func plan(_ applied: [AppliedMigration]) throws -> MigrationPlan {
        try MigrationPlan(migrations: files, checksums: checksums, applied: applied)
    }

    @Test("what is not applied is pending, in order")
    func pending() throws {
        #expect(try Self.plan([]).pending.map(\.name) == ["0001_a", "0002_b", "0003_c"])
        #expect(try Self.plan([Self.record(1, "0001_a", "aa")]).pending.map(\.name) == ["0002_b", "0003_c"])
    }

    @Test("a database that has everything is current")
    func current() throws {
        let applied = [
            Self.record(1, "0001_a", "aa"), Self.record(2, "0002_b", "bb"), Self.record(3, "0003_c", "cc"),
        ]
        #expect(try Self.plan(applied).isCurrent)
    }

    @Test("a record that contradicts the files is refused, with the file's name")
    func refusals() {
        #expect(throws: MigrationRefusal.changed("0001_a", applied: "xx", file: "aa")) {
            try Self.plan([Self.record(1, "0001_a", "xx")])
        }
        #expect(throws: MigrationRefusal.renamed(applied: "0001_z", file: "0001_a")) {
            try Self.plan([Self.record(1, "0001_z", "aa")])
        }
        #expect(throws: MigrationRefusal.gap(missing: 1, present: "0002_b")) {
            try Self.plan([Self.record(2, "0002_b", "bb")])
        }
        #expect(throws: MigrationRefusal.databaseIsNewer("0004_d", newestKnown: "0003_c")) {
            try Self.plan([Self.record(1, "0001_a", "xx"), Self.record(4, "0004_d", "dd")])
        }
    }

    @Test("the program carries every file of db/migrations, unchanged and in order")
    func listEqualsFolder() throws {
        let folder = Repository.root.appending(path: "db/migrations")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(".sql") }.sorted()
        #expect(Migration.all.map { $0.name + ".sql" } == names)
        #expect(Migration.all.map(\.number) == Array(1...names.count))
        for migration in Migration.all {
            let text = try String(contentsOf: folder.appending(path: migration.name + ".sql"), encoding: .utf8)
            #expect(migration.text == text, "\(migration.name)")
        }
    }

    @Test("every query under db/queries is checked against the database")
    func checkedQueries() throws {
        let folder = Repository.root.appending(path: "db/queries")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
        let names = paths.filter { $0.hasSuffix(".sql") }.map { ($0 as NSString).lastPathComponent.dropLast(4) }
        #expect(QueryCheck.all.map(\.name).sorted() == names.map(String.init).sorted())
    }
}

/// Where the sources stand that the tests compare with.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}
