import Postgres

/// Tasks that read random rows as fast as they are answered.
struct DriverLoad {
    private let pool: Pool
    private let tasks: Int

    init(pool: Pool, tasks: Int) {
        self.pool = pool
        self.tasks = tasks
    }

    /// Reads for a time and returns the number of rows read and the seconds it took.
    func run(for duration: Duration) async throws -> (queries: Int, seconds: Double) {
        let end = ContinuousClock.now + duration
        return try await measure { _ in { ContinuousClock.now < end } }
    }

    /// Reads a number of rows.
    func run(queries: Int) async throws -> (queries: Int, seconds: Double) {
        try await measure { task in
            var left = queries / tasks + (task < queries % tasks ? 1 : 0)
            return {
                left -= 1
                return left >= 0
            }
        }
    }

    /// - Parameter makeCondition: makes, for the task of a number, what is asked before each query.
    private func measure(
        _ makeCondition: @Sendable (Int) -> () -> Bool
    ) async throws -> (queries: Int, seconds: Double) {
        let start = ContinuousClock.now
        let queries = try await withoutActuallyEscaping(makeCondition) { makeCondition in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for task in 0..<tasks {
                    group.addTask(executorPreference: pool.executor) { [pool] in
                        let goesOn = makeCondition(task)
                        // Any keys will do; a generator of the system's would cost more than the query's encoding.
                        var state = UInt64(task + 1) &* 0x9e37_79b9_7f4a_7c15
                        var count = 0
                        while goesOn() {
                            state ^= state << 13
                            state ^= state >> 7
                            state ^= state << 17
                            let id = Int32(state % UInt64(BenchTable.rows)) + 1
                            let item = try await pool.execute(SelectItem(id: id), until: .after(.seconds(30)))
                            precondition(item.id == id, "an answer must belong to its question")
                            count += 1
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        let elapsed = start.duration(to: .now).components
        return (queries, Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
    }
}
