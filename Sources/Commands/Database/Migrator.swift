package import Postgres

/// Brings a database's schema to what this program needs: forward only, one transaction a file.
///
/// The SQL of the bookkeeping stands here and not under `db/queries`, since it works on a database that has nothing yet.
package struct Migrator: Sendable {
    private let configuration: PostgresConfiguration
    private let migrations: [Migration]

    /// What a run tells while it is under way.
    package enum Event: Sendable {
        /// Another migrator holds the lock.
        case waitsForAnother
        case applied(Migration)
    }

    /// - Parameter migrations: the program's own, unless a test brings others.
    package init(_ configuration: PostgresConfiguration, migrations: [Migration] = Migration.all) {
        self.configuration = configuration
        self.migrations = migrations
    }

    /// Compares the database with the files and changes nothing.
    ///
    /// - Throws: ``MigrationRefusal``, `PostgresError`.
    package func plan() async throws -> MigrationPlan {
        try await withSession { try await plan(in: $0) }
    }

    /// Applies what is pending and returns it.
    ///
    /// Two at once don't collide: the second waits for the first and then finds nothing to do.
    ///
    /// - Throws: ``MigrationRefusal``; ``MigrationFailure`` for a file that failed, whose effects and those after it are
    ///   not there; `PostgresError`.
    package func migrate(report: @Sendable (Event) -> Void) async throws -> [Migration] {
        try await withSession { session in
            try await lock(session, report: report)
            try await session.execute(Self.createRecord)
            let plan = try await plan(in: session)
            for migration in plan.pending {
                try await apply(migration, in: session)
                report(.applied(migration))
            }
            return plan.pending
        }
    }

    // MARK: Steps

    private func withSession<Value>(_ body: (ScriptSession) async throws -> Value) async throws -> Value {
        let session = try await ScriptSession.open(configuration)
        // Closing also frees the advisory lock.
        defer { session.close() }
        return try await body(session)
    }

    private func lock(_ session: ScriptSession, report: @Sendable (Event) -> Void) async throws {
        let free = try await session.execute("select pg_try_advisory_lock(\(Self.lockKey))")
        guard free != [["t"]] else { return }
        report(.waitsForAnother)
        try await session.execute("select pg_advisory_lock(\(Self.lockKey))")
    }

    private func plan(in session: ScriptSession) async throws -> MigrationPlan {
        var applied: [AppliedMigration] = []
        if try await session.execute("select to_regclass('public.amenity_migration') is not null") == [["t"]] {
            for row in try await session.execute(Self.readRecord) {
                guard let number = row[0].flatMap({ Int($0) }), let name = row[1], let checksum = row[2],
                    let appliedAt = row[3]
                else { preconditionFailure("the columns of public.amenity_migration are not null") }
                applied.append(
                    AppliedMigration(number: number, name: name, checksum: checksum, appliedAt: appliedAt)
                )
            }
        }
        var checksums: [String] = []
        for migration in migrations {
            let answer = try await session.execute("select encode(sha256(\(migration.literal)), 'hex')")
            checksums.append((answer.first?.first ?? nil) ?? "")
        }
        return try MigrationPlan(migrations: migrations, checksums: checksums, applied: applied)
    }

    private func apply(_ migration: Migration, in session: ScriptSession) async throws {
        do throws(PostgresError) {
            try await session.execute("begin")
            try await session.execute(migration.text)
            // A file that ended the transaction itself would leave its half of the work behind when the rest fails.
            // `savepoint` is refused outside of one.
            try await session.execute("savepoint recorded")
            try await session.execute(
                """
                insert into public.amenity_migration (number, name, sha256)
                values (\(migration.number), '\(migration.name)', sha256(\(migration.literal)))
                """
            )
            try await session.execute("commit")
        } catch .server(let error) {
            try await session.execute("rollback")
            throw MigrationFailure(migration: migration.name, error: error)
        }
    }

    /// Any number that no other program would choose: the letters of `amenity`.
    private static let lockKey = 0x61_6d65_6e69_7479

    private static let createRecord = """
        create table if not exists public.amenity_migration (
            number integer primary key,
            name text not null,
            -- Of the file's bytes.
            sha256 bytea not null,
            applied_at timestamptz not null default clock_timestamp()
        )
        """

    private static let readRecord = """
        select number, name, encode(sha256, 'hex'),
            to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        from public.amenity_migration
        order by number
        """
}

/// A migration that the database refused; nothing of it is there.
package struct MigrationFailure: Error, CustomStringConvertible {
    package let migration: String
    package let error: ServerError

    package var description: String {
        let facts = [
            error.detail, error.hint.map { "Hint: \($0)" }, error.constraint.map { "Constraint: \($0)" },
            "The file was rolled back as a whole; correct it and run the command again.",
        ]
        return "\(migration).sql failed: \(error.sqlState) \(error.message)\n"
            + facts.compactMap { $0 }.joined(separator: "\n")
    }
}

extension Migration {
    /// The text as a `bytea` literal, which needs no quoting.
    fileprivate var literal: String {
        let digits = text.utf8.map { byte in
            let pair = String(byte, radix: 16)
            return byte < 16 ? "0" + pair : pair
        }
        return "'\\x\(digits.joined())'::bytea"
    }
}
