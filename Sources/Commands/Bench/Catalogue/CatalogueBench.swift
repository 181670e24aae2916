import Catalog
import Postgres
import Synchronization

/// Look-ups in a made-up catalogue as the service does them, without its sockets: beside pgbench where a hand-written
/// statement does the same, and by how long each takes where none does.
struct CatalogueBench {
    let configuration: PostgresConfiguration
    let categories: [String]
    let tasks: Int
    let connections: Int
    let listingBytes: Int
    let seconds: Int
    let rounds: Int

    func run(progress: (Double) -> Void) async throws -> CatalogueReport {
        var configuration = configuration
        configuration.sharedConnections = connections
        configuration.leasedConnections = connections
        let pool = Pool(configuration)
        defer { pool.close() }
        let lookup = Lookup(pool: pool, listingBytes: listingBytes)
        let pgbench = try Pgbench(
            conninfo: configuration.connectionStringWithDatabase,
            script: BenchCatalogue.script(categories: categories.count)
        )
        defer { pgbench.cleanUp() }
        var report = CatalogueReport()
        _ = try await load(pool, seconds: 1) { try await nearest(lookup, &$0) }
        for round in 0..<rounds {
            let ours = try await load(pool, seconds: seconds) { try await nearest(lookup, &$0) }
            report.nearest.add(ours.rate)
            report.nearestLatency.merge(ours)
            report.handWritten.add(try await pgbench.run(clients: tasks, threads: 2, seconds: seconds))
            report.words.merge(try await load(pool, seconds: seconds, tasks: 2) { try await words(lookup, &$0) })
            report.suggestions.merge(
                try await load(pool, seconds: seconds, tasks: 2) { try await suggest(lookup, &$0) }
            )
            progress(Double(round + 1) / Double(rounds))
        }
        return report
    }

    private static let patience = Duration.seconds(30)

    private func nearest(_ lookup: Lookup, _ writer: inout CatalogueWriter) async throws {
        let near = Coordinate(latitude: 30.2 + writer.fraction(), longitude: 120.3 + 1.2 * writer.fraction())
        let search = AmenitySearch(
            near: near,
            radiusMetres: 10_000,
            categories: [categories[writer.below(categories.count)]]
        )
        _ = try await lookup.search(search, language: .english, until: .after(Self.patience))
    }

    /// Concepts, words of names, pieces of Chinese, slips and nonsense, in the languages in turn.
    private func words(_ lookup: Lookup, _ writer: inout CatalogueWriter) async throws {
        let language = Language.all[writer.below(8)]
        let query =
            switch writer.below(8) {
            case 0: Self.concepts[writer.below(Self.concepts.count)]
            case 1: writer.latinBrand()
            case 2: writer.chineseBrand()
            case 3: Self.concepts[writer.below(Self.concepts.count)] + " " + writer.latinBrand()
            case 4: writer.latinBrand() + " Clinic"
            case 5: "嘉兴" + writer.chineseBrand()
            case 6: String(writer.latinBrand().dropLast()) + "x"
            default: Self.concepts[writer.below(Self.concepts.count)] + " Pinghu"
            }
        let search = AmenitySearch(park: "jx-de", q: query)
        _ = try await lookup.search(search, language: language, until: .after(Self.patience))
    }

    private func suggest(_ lookup: Lookup, _ writer: inout CatalogueWriter) async throws {
        let word = writer.below(2) == 0 ? writer.latinBrand() : writer.chineseBrand() + "医院"
        let prefix = String(word.prefix(1 + writer.below(5)))
        let language = Language.all[writer.below(8)]
        _ = try await lookup.suggestions(
            for: prefix,
            park: "jx-de",
            limit: 10,
            language: language,
            until: .after(Self.patience)
        )
    }

    private static let concepts = [
        "Zahnarzt", "歯医者", "치과", "tandarts", "dentist", "牙医", "médecin", "international school", "国际学校", "ラーメン",
        "supermarkt",
        "hospital", "日本語が通じる病院", "Kinderarzt", "bakery", "boulangerie", "酒店", "pharmacy", "韩国餐厅", "kapper",
    ]

    /// Tasks that ask as fast as they are answered, for a time.
    private func load(
        _ pool: Pool,
        seconds: Int,
        tasks: Int? = nil,
        _ ask: @Sendable (inout CatalogueWriter) async throws -> Void
    ) async throws -> Latencies {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let all = try await withoutActuallyEscaping(ask) { ask in
            try await withThrowingTaskGroup(of: [Duration].self) { group in
                for task in 0..<(tasks ?? self.tasks) {
                    group.addTask(executorPreference: pool.executor) {
                        var writer = CatalogueWriter(seed: UInt64(task + 1) &* 7919, kinds: [])
                        var taken: [Duration] = []
                        var last = ContinuousClock.now
                        while last < end {
                            try await ask(&writer)
                            let now = ContinuousClock.now
                            taken.append(now - last)
                            last = now
                        }
                        return taken
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        return Latencies(taken: all, elapsed: start.duration(to: .now))
    }
}

/// How long calls took.
struct Latencies: Sendable {
    private(set) var taken: [Duration] = []
    private(set) var elapsed = Duration.zero

    init(taken: [Duration] = [], elapsed: Duration = .zero) {
        self.taken = taken
        self.elapsed = elapsed
    }

    mutating func merge(_ other: Latencies) {
        taken += other.taken
        elapsed += other.elapsed
    }

    /// Calls a second.
    var rate: Double { elapsed > .zero ? Double(taken.count) / (elapsed / .seconds(1)) : 0 }

    /// Milliseconds that this part of the calls stayed within.
    func milliseconds(_ part: Double) -> Double {
        let sorted = taken.sorted()
        guard !sorted.isEmpty else { return 0 }
        let index = min(sorted.count - 1, Int(Double(sorted.count) * part))
        return ((sorted[index] / .milliseconds(1)) * 100).rounded() / 100
    }
}
