package import Postgres

/// Loads a ``Seed`` into the database: all of it or nothing.
package struct SeedImporter: Sendable {
    private let pool: Pool

    /// What became of one kind of row.
    package struct Summary: Sendable, Equatable {
        /// What was written, in the plural.
        package let noun: String
        package let total: Int
        package let new: Int
        package let changed: Int

        package var unchanged: Int { total - new - changed }
    }

    /// What became of a seed.
    package struct Outcome: Sendable {
        package let summaries: [Summary]
        /// Places whose positions seem to be given in another datum than they say; they are written all the same.
        package let doubts: [DatumDoubt]
    }

    package init(pool: Pool) { self.pool = pool }

    /// Copies the rows into a temporary table and writes from there, in one transaction.
    ///
    /// A second run with the same files writes nothing.
    ///
    /// - Parameter progress: hears the part that is done, from 0 to 1.
    /// - Throws: `PostgresError`.
    package func load(
        _ seed: Seed,
        until deadline: Deadline,
        progress: (Double) -> Void = { _ in }
    ) async throws -> Outcome {
        let outcome = try await pool.withTransaction(until: deadline) { session in
            _ = try await session.pipeline(SeedLock(), SeedStage())
            try await copy(seed, into: session) { progress($0 / 2) }
            let doubts = try await session.execute(SeedTwins()).compactMap(\.self)
            let summaries = try await write(seed, in: session) { progress(0.5 + $0 / 2) }
            try await SearchIndexer.refresh(in: session)
            return Outcome(summaries: summaries, doubts: doubts)
        }
        // Also after a run that changed nothing: the one before may have been killed in between.
        _ = try await pool.execute(SeedAnalyze(), until: deadline)
        return outcome
    }

    private func copy(_ seed: Seed, into session: Session, progress: (Double) -> Void) async throws {
        let lines = seed.contents.flatMap { table, rows in rows.map { (table, $0) } }
        var sent = 0
        _ = try await session.copyIn(SeedStatements.copy) {
            guard sent < lines.count else { return nil }
            var chunk: [UInt8] = []
            while sent < lines.count, chunk.count < 65536 {
                let (table, row) = lines[sent]
                row.appendCopyLine(file: table.name, to: &chunk)
                sent += 1
            }
            progress(Double(sent) / Double(lines.count))
            return chunk
        }
    }

    private func write(_ seed: Seed, in session: Session, progress: (Double) -> Void) async throws -> [Summary] {
        let steps = seed.contents.flatMap { table, rows in table.steps.map { ($0, rows) } }
        var summaries: [Summary] = []
        for (step, rows) in steps {
            let counts = try await step.statement.write(in: session)
            let total = rows.reduce(0) { $0 + step.rows($1) }
            summaries.append(Summary(noun: step.noun, total: total, new: counts.new, changed: counts.changed))
            progress(Double(summaries.count) / Double(steps.count))
        }
        return summaries
    }
}
