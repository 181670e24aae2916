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
        [SeedLock.sql, SeedStage.sql, copy, SeedAnalyze.sql]
        + SeedTable.all.flatMap(\.steps).map { type(of: $0.statement).sql }
}
