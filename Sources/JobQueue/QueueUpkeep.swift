import Postgres
import Synchronization

/// Keeps the queue's tables small: starts and empties generations, and makes the partitions of the days to come. Every
/// worker does it, the more often the more it does; no leader is needed.
final class QueueUpkeep: Sendable {
    private let pool: Pool
    private let workload: Workload
    private let observer: @Sendable (QueueEvent) -> Void
    private let pinned = Atomic<Bool>(false)

    private static let interval: Duration = .seconds(1)
    private static let idleInterval: Duration = .seconds(10)
    private static let dayInterval: Duration = .seconds(3600)

    init(pool: Pool, workload: Workload, observer: @escaping @Sendable (QueueEvent) -> Void) {
        self.pool = pool
        self.workload = workload
        self.observer = observer
    }

    /// Whether finished rows pile up that vacuum can't remove, since somebody holds a snapshot.
    var isPinned: Bool { pinned.load(ordering: .relaxed) }

    /// Looks every second in which jobs were settled here, and now and then without, until the task is cancelled.
    func run() async {
        var nextDays = ContinuousClock.now
        var nextIdleLook = ContinuousClock.now
        var settled = workload.settled
        var trouble = Trouble()
        while !Task.isCancelled {
            await workload.wait(atMost: ContinuousClock.now.duration(to: nextIdleLook)) { $0.held > 0 }
            await Worker.pause(Self.interval)
            guard workload.settled != settled || ContinuousClock.now >= nextIdleLook else { continue }
            settled = workload.settled
            nextIdleLook = .now + Self.idleInterval
            do {
                if ContinuousClock.now >= nextDays {
                    _ = try await pool.execute(KeepDays(), until: .after(.seconds(30)))
                    _ = try await pool.execute(AdoptJobs(), until: .after(.seconds(30)))
                    nextDays = .now + Self.dayInterval
                }
                let look = try await pool.execute(RotateGenerations(), until: .after(.seconds(10)))
                pinned.store(look.isPinned, ordering: .relaxed)
                if look.isRotated { observer(.rotated) }
                trouble.end()
            } catch {
                trouble.tell(error, of: "the queue's tables can't be kept small", to: observer)
            }
        }
    }
}

struct RotateGenerations: OneRow {
    static let sql = SQL("rotate_generations", PackageResources.rotate_generations_sql)

    static func decode(
        _ row: inout RowReader
    ) throws(PostgresError) -> (isPinned: Bool, isRotated: Bool, emptied: Int) {
        (try row.next(), try row.next(), try row.next())
    }
}

struct AdoptJobs: OneRow {
    static let sql = SQL("adopt_jobs", PackageResources.adopt_jobs_sql)

    /// How many jobs there were.
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64 { try row.next() }
}

struct KeepDays: OneRow {
    static let sql = SQL("keep_days", PackageResources.keep_days_sql)

    /// How many partitions were made.
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}
