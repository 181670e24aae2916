import FoundationEssentials
import Postgres

struct NumberEvents: OneRow {
    static let sql = SQL("number_events", PackageResources.number_events_sql)

    func bind(to parameters: inout Parameters) { parameters.append(Int32(10_000)) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int64? { try row.nextIfPresent() }
}

struct ReadEvents: ManyRows {
    static let sql = SQL("read_events", PackageResources.read_events_sql)
    static let route = Route.shared
    let after: Int64
    let upTo: Int64
    let topics: [Topic]
    let count: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(after)
        parameters.append(upTo)
        parameters.append(PostgresArray(topics.map(\.rawValue)))
        parameters.append(Int32(clamping: count))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Event {
        let seq = try row.next(Int64.self)
        // The table's check has the same names.
        let topic = Topic(rawValue: try row.next()) ?? .amenityChanged
        return Event(
            seq: seq,
            topic: topic,
            object: try row.next(),
            park: try row.nextIfPresent(),
            payload: try row.next(),
            at: try row.next()
        )
    }
}

struct StreamBounds: OneRow {
    static let sql = SQL("stream_bounds", PackageResources.stream_bounds_sql)
    static let route = Route.shared

    struct Row: Sendable {
        /// The last number given.
        let last: Int64
        /// Up to this nothing is kept any more.
        let pruned: Int64
        /// From this on ends of jobs were written down.
        let jobsSince: Int64
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        Row(last: try row.next(), pruned: try row.next(), jobsSince: try row.next())
    }
}

struct WantJobs: Postgres.Command {
    static let sql = SQL("want_jobs", PackageResources.want_jobs_sql)
}

struct PruneEvents: OneRow {
    static let sql = SQL("prune_events", PackageResources.prune_events_sql)
    let age: Duration
    let count: Int

    func bind(to parameters: inout Parameters) {
        parameters.append(Interval(age))
        parameters.append(Int32(clamping: count))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { Int(try row.next(Int64.self)) }
}

/// Which of the requests and feedback a caller may follow.
struct OwnedObjects: OneRow {
    static let sql = SQL("owned_objects", PackageResources.owned_objects_sql)
    static let route = Route.shared
    let ids: [UUID]
    let secrets: [String]

    func bind(to parameters: inout Parameters) {
        parameters.append(PostgresArray(ids))
        parameters.append(PostgresArray(secrets))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> [Int] {
        try row.next(PostgresArray<Int32>.self).elements.map(Int.init)
    }
}
