import Postgres

/// Our driver and pgbench in turns on the same table, so that whatever else the machine does slows both.
struct DriverBench {
    let configuration: PostgresConfiguration
    let tasks: Int
    let connections: Int
    let seconds: Int
    let rounds: Int

    /// Clients of pgbench whose best counts.
    static let clients = [4, 8, 16]

    /// Runs the rounds; call only while the ``BenchTable`` is there.
    func run(progress: (Double) -> Void) async throws -> DriverReport {
        let pgbench = try Pgbench(conninfo: configuration.connectionString, script: BenchTable.script)
        defer { pgbench.cleanUp() }
        let pools = (many: pool(connections: connections), one: pool(connections: 1))
        defer {
            pools.many.close()
            pools.one.close()
        }
        var report = DriverReport(tasks: tasks, connections: connections)
        // Connecting and preparing is not what is measured.
        _ = try await DriverLoad(pool: pools.many, tasks: tasks).run(queries: tasks * 20)
        _ = try await DriverLoad(pool: pools.one, tasks: 1).run(queries: 200)
        report.memory.start = ResidentMemory.bytes
        for round in 0..<rounds {
            func done(_ part: Int) { progress((Double(round) + Double(part) / 6) / Double(rounds)) }
            let many = try await DriverLoad(pool: pools.many, tasks: tasks).run(for: .seconds(seconds))
            report.shared.add(Double(many.queries) / many.seconds)
            done(1)
            for (index, clients) in Self.clients.enumerated() {
                let rate = try await pgbench.run(clients: clients, threads: 2, seconds: seconds)
                report.pgbench[clients, default: Figures()].add(rate)
                done(2 + index)
            }
            let one = try await DriverLoad(pool: pools.one, tasks: 1).run(for: .seconds(seconds))
            report.single.add(Double(one.queries) / one.seconds)
            done(5)
            report.pgbench[1, default: Figures()]
                .add(try await pgbench.run(clients: 1, threads: 1, seconds: seconds))
            report.count(many.queries + one.queries)
            done(6)
        }
        report.memory.end = ResidentMemory.bytes
        return report
    }

    /// Runs a number of queries and looks at the memory on the way.
    func run(queries: Int, progress: (Double) -> Void) async throws -> DriverReport {
        let pool = pool(connections: connections)
        defer { pool.close() }
        let load = DriverLoad(pool: pool, tasks: tasks)
        var report = DriverReport(tasks: tasks, connections: connections)
        _ = try await load.run(queries: tasks * 20)
        report.memory.start = ResidentMemory.bytes
        while report.queries < queries {
            let part = try await load.run(queries: min(250_000, queries - report.queries))
            report.shared.add(Double(part.queries) / part.seconds)
            report.count(part.queries)
            progress(Double(report.queries) / Double(queries))
        }
        report.memory.end = ResidentMemory.bytes
        return report
    }

    private func pool(connections: Int) -> Pool {
        var configuration = configuration
        configuration.sharedConnections = connections
        return Pool(configuration)
    }
}
