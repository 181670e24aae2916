import Glibc
import JobQueue
import Postgres

/// Runs one load on a scratch database and reads the outcome off its tables.
struct QueueBench {
    let configuration: PostgresConfiguration
    let load: QueueLoad
    let processes: Int
    let concurrency: Int
    let snapshot: HeldSnapshot.Kind?

    /// How long idle workers settle before they are looked at, and how long the server is looked at without them.
    private static let settling = Duration.seconds(2)
    /// How long the counting at the end may take: of ten minutes' jobs, some tens of millions.
    private static let patience = Duration.seconds(1800)

    func run() async throws -> QueueReport {
        let watch = try await QueueWatch.open(configuration)
        defer { watch.close() }
        var configuration = configuration
        configuration.leasedConnections = max(configuration.leasedConnections, concurrency)
        // Of its own statements only the counting at the end takes long, as it may.
        configuration.sessionSettings.append(("statement_timeout", "1800s"))
        let pool = Pool(configuration)
        defer { pool.close() }
        let producer = QueueProducer(pool: pool, load: load)
        switch load.mode {
        case .drain, .effect, .mixed, .latency: return try await work(producer, watch, pool)
        case .enqueue, .bulk: return try await produce(producer, watch, pool)
        case .idle: return try await idle(watch)
        }
    }

    // MARK: Workers

    private func work(_ producer: QueueProducer, _ watch: QueueWatch, _ pool: Pool) async throws -> QueueReport {
        if !load.mode.isPaced {
            try await producer.fill()
            try await watch.vacuum()
        }
        let held: HeldSnapshot? =
            if let snapshot { try await HeldSnapshot(snapshot, on: configuration) } else { nil }
        let usage = try await crew.with { crew in
            let start = try await watch.mark(clients: crew.processIDs)
            try crew.start()
            if load.mode.isPaced {
                try await watch.wait(for: "count(*) = \(processes) from queue.worker")
                try await withNotifier { notifier in
                    var producer = producer
                    producer.notifier = notifier
                    try await producer.keepPace()
                }
            }
            try await watch.waitUntilDrained()
            return try await watch.usage(since: start, clients: crew.processIDs)
        }
        let measure = QueueMeasure(pool: pool)
        let figures = try await measure.figures(
            kind: QueueLoad.kind,
            expectsEffects: load.mode == .effect,
            until: .after(Self.patience)
        )
        let series = try await series(of: figures, measure)
        pool.close()
        let tables = try await watch.tables()
        try await held?.release()
        return report(usage, figures, series: series, tables: tables)
    }

    /// Lends what tells the workers, as a service has it.
    private func withNotifier(_ body: (Notifier?) async throws -> Void) async throws {
        guard !load.isPollOnly else { return try await body(nil) }
        let notifier = Notifier(configuration)
        try await withThrowingTaskGroup { group in
            group.addTask { await notifier.run() }
            defer { group.cancelAll() }
            try await body(notifier)
        }
    }

    /// Thirds and seconds, where there are enough of them to say something.
    private func series(of figures: QueueMeasure.Figures, _ measure: QueueMeasure) async throws -> QueueReport.Series? {
        guard figures.seconds >= 3 else { return nil }
        return QueueReport.Series(
            thirds: try await measure.parts(3, kind: QueueLoad.kind, until: .after(Self.patience)),
            seconds: try await measure.parts(
                Int(figures.seconds),
                kind: QueueLoad.kind,
                until: .after(Self.patience)
            )
        )
    }

    private var crew: QueueCrew {
        QueueCrew(configuration: configuration, load: load, processes: processes, concurrency: concurrency)
    }

    // MARK: Without jobs to be done

    private func produce(_ producer: QueueProducer, _ watch: QueueWatch, _ pool: Pool) async throws -> QueueReport {
        let start = try await watch.mark(clients: [getpid()])
        if load.mode == .bulk {
            try await producer.enqueueInBulk(connections: concurrency)
        } else {
            try await producer.enqueueOneByOne(connections: concurrency)
        }
        let usage = try await watch.usage(since: start, clients: [getpid()])
        let figures = try await QueueMeasure(pool: pool)
            .figures(kind: QueueLoad.kind, expectsEffects: false, until: .after(Self.patience))
        pool.close()
        return report(usage, figures, tables: try await watch.tables())
    }

    /// The workers' cost is theirs and what the server uses more than without them.
    private func idle(_ watch: QueueWatch) async throws -> QueueReport {
        let before = try await watch.mark()
        try await Task.sleep(for: .seconds(load.seconds))
        let quiet = try await watch.usage(since: before)
        let usage = try await crew.with { crew in
            try crew.start()
            try await watch.wait(for: "count(*) = \(processes) from queue.worker")
            try await Task.sleep(for: Self.settling)
            let start = try await watch.mark(clients: crew.processIDs)
            try await Task.sleep(for: .seconds(load.seconds))
            return try await watch.usage(since: start, clients: crew.processIDs)
        }
        var report = report(usage, nil, tables: try await watch.tables())
        report.quiet = quiet
        return report
    }

    private func report(
        _ usage: QueueWatch.Usage,
        _ figures: QueueMeasure.Figures?,
        series: QueueReport.Series? = nil,
        tables: [QueueWatch.Table]
    ) -> QueueReport {
        QueueReport(
            load: load,
            processes: processes,
            concurrency: concurrency,
            usage: usage,
            figures: figures,
            series: series,
            tables: tables
        )
    }
}
