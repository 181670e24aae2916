package import Postgres

/// Makes the temporary table that the rows are copied into.
package struct SeedStage: Command {
    package static let sql = SQL("seed_stage", PackageResources.seed_stage_sql)

    package init() {}
}

/// Keeps a second seed waiting until this transaction ends.
struct SeedLock: Command {
    static let sql = SQL("seed_lock", PackageResources.seed_lock_sql)
}

/// The staged places beside where what seems to be the same place is known to lie.
struct SeedTwins: ManyRows {
    static let sql = SQL("seed_twins", PackageResources.seed_twins_sql)

    static func decode(_ row: inout RowReader) throws(PostgresError) -> DatumDoubt? {
        let slug = try row.next(String.self)
        let (latitude, longitude) = (try row.next(Double.self), try row.next(Double.self))
        let datum = try row.next(String.self)
        let twin = try row.next(String.self)
        let known = Coordinate(latitude: try row.next(), longitude: try row.next(), datum: .wgs84)
        guard let declared = Datum(rawValue: datum) else { return nil }
        let position = Coordinate(latitude: latitude, longitude: longitude, datum: declared)
        return DatumSuspicion(of: position, near: known).map {
            DatumDoubt(amenity: slug, twin: twin, suspicion: $0)
        }
    }
}

/// Gathers the planner's statistics of every table that the seed fills.
struct SeedAnalyze: Command {
    static let sql = SQL("seed_analyze", PackageResources.seed_analyze_sql)
}

/// The statements of the seed, which can be prepared only where ``SeedStage`` was executed before.
package enum SeedStatements {
    /// The COPY that fills the stage.
    static let copy = SQL("seed_copy", PackageResources.seed_copy_sql)

    /// Every statement, for the check of the queries.
    package static let all: [SQL] =
        [SeedLock.sql, SeedStage.sql, copy, SeedTwins.sql, SeedAnalyze.sql]
        + SeedTable.all.flatMap(\.steps).map { type(of: $0.statement).sql }
}
