package import Postgres
import Synchronization

/// Keeps the ``Reference`` in memory, and reads it anew when the vocabulary has changed.
package final class ReferenceShelf: Sendable {
    private struct State {
        var reference: Reference?
        var checkedAt: ContinuousClock.Instant?
        /// The reading under way, which all share that have nothing yet: it takes half a second of a processor's time.
        var reading: Task<Result<Reference, PostgresError>, Never>?
        /// Which reading that is: one that began before ``ReferenceShelf/forget()`` is not kept.
        var readings = 0
    }

    /// For how long a change may go unseen.
    private static let freshness = Duration.seconds(2)
    private static let patience = Duration.seconds(60)

    private let pool: Pool
    private let state = Mutex(State())

    package init(pool: Pool) { self.pool = pool }

    /// The reference, at most two seconds old.
    package func reference(until deadline: Deadline) async throws(PostgresError) -> Reference {
        let now = ContinuousClock.now
        let (kept, isFresh) = state.withLock { state in
            let isFresh = state.checkedAt.map { now - $0 < Self.freshness } ?? false
            // Who comes meanwhile takes what is there.
            if !isFresh { state.checkedAt = now }
            return (state.reference, isFresh)
        }
        if let kept {
            if isFresh { return kept }
            let edition = try await pool.execute(VocabularyEdition(), until: deadline)
            if edition == kept.edition { return kept }
        }
        let reading = state.withLock { state in
            if let reading = state.reading { return reading }
            // Not within its first caller's deadline, as it serves the others too.
            let number = state.readings
            let reading = Task { await readAnew(number) }
            state.reading = reading
            return reading
        }
        return try await reading.value.get()
    }

    /// Has whoever asks from now on wait for what stands in the database now.
    func forget() {
        state.withLock { state in
            state.reference = nil
            state.reading = nil
            state.readings += 1
        }
    }

    private func readAnew(_ number: Int) async -> Result<Reference, PostgresError> {
        let result: Result<Reference, PostgresError>
        do throws(PostgresError) {
            result = .success(try await read(until: .after(Self.patience)))
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            guard state.readings == number else { return }
            state.reading = nil
            if case .success(let fresh) = result { state.reference = fresh }
        }
        return result
    }

    private func read(until deadline: Deadline) async throws(PostgresError) -> Reference {
        // First the edition: what changes while the rest is read is read once more.
        let edition = try await pool.execute(VocabularyEdition(), until: deadline)
        let terms = try await pool.execute(ReferenceTerms(), until: deadline)
        let words = try await pool.execute(ReferenceWords(), until: deadline)
        let regions = try await pool.execute(ReferenceRegions(), until: deadline)
        let parks = try await pool.execute(ReferenceParks(), until: deadline)
        let implications = try await pool.execute(ReferenceImplications(), until: deadline)
        func codes(ofCategories: Bool) -> [String: [String]] {
            let rows = implications.filter { $0.isCategory == ofCategories }
            return Dictionary(rows.map { ($0.key, $0.codes) }) { first, _ in first }
        }
        return Reference(
            edition: edition,
            terms: terms,
            words: words.compactMap { $0 },
            gazetteer: Gazetteer(regions: regions, parks: parks),
            implications: Implications(categories: codes(ofCategories: true), terms: codes(ofCategories: false))
        )
    }
}
