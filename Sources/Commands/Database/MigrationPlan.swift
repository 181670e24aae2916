/// Which of the program's migrations a database has and which it lacks.
package struct MigrationPlan: Sendable {
    package let applied: [AppliedMigration]
    package let pending: [Migration]

    package var isCurrent: Bool { pending.isEmpty }

    /// Compares the program's files with the database's record.
    ///
    /// - Parameters:
    ///   - migrations: the program's files, in order.
    ///   - checksums: the files' SHA-256, as the database computes it, in the same order.
    ///   - applied: what the database remembers, by number.
    /// - Throws: ``MigrationRefusal`` when going on would build upon something other than what the files say.
    package init(
        migrations: [Migration],
        checksums: [String],
        applied: [AppliedMigration]
    ) throws(MigrationRefusal) {
        // A database that is newer is named first: its other differences are likely a consequence.
        if let newest = applied.last, newest.number > (migrations.last?.number ?? 0) {
            throw .databaseIsNewer(newest.name, newestKnown: migrations.last?.name)
        }
        for (index, record) in applied.enumerated() {
            guard record.number == index + 1 else { throw .gap(missing: index + 1, present: record.name) }
            let file = migrations[index]
            guard record.name == file.name else { throw .renamed(applied: record.name, file: file.name) }
            guard record.checksum == checksums[index] else {
                throw .changed(file.name, applied: record.checksum, file: checksums[index])
            }
        }
        self.applied = applied
        self.pending = Array(migrations.dropFirst(applied.count))
    }
}

/// Why the migrator won't touch a database.
package enum MigrationRefusal: Error, Sendable, Equatable {
    /// A newer program has migrated the database.
    case databaseIsNewer(String, newestKnown: String?)
    /// A file's text is no longer what was applied.
    case changed(String, applied: String, file: String)
    /// The file of an applied number has another name.
    case renamed(applied: String, file: String)
    /// A number is missing from the database's record.
    case gap(missing: Int, present: String)
}

extension MigrationRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .databaseIsNewer(let name, let known):
            """
            the database is newer than this program: it has migration \(name), and the newest known here is \
            \(known ?? "none"). Use the program that belongs to the database.
            """
        case .changed(let name, let applied, let file):
            """
            \(name).sql was changed after it was applied (applied: sha256 \(applied.prefix(12))…, \
            now: \(file.prefix(12))…). Restore the file and put the change into a new migration.
            """
        case .renamed(let applied, let file):
            """
            the database has \(applied) where this program has \(file).sql. Restore the file's name, \
            or use the program that belongs to the database.
            """
        case .gap(let missing, let present):
            """
            the database has migration \(present) but not number \(missing): its record \
            public.amenity_migration was tampered with. Restore the database from a backup.
            """
        }
    }
}
