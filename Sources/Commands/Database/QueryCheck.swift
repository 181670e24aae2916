import Access
import Catalog
import Gaps
import Intake
import JobQueue
package import Postgres
import Service

/// Prepares every statement of every slice against a database, so that a query which no longer fits the schema is found
/// before somebody needs it.
package struct QueryCheck: Sendable {
    private let configuration: PostgresConfiguration

    /// A statement that the database can't prepare.
    package struct Failure: Sendable {
        package let name: String
        package let error: ServerError
    }

    package init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// Every statement under `db/queries`.
    package static let all: [SQL] =
        QueueStatements.all + CatalogStatements.all + SeedStatements.all + AccessStatements.all + IntakeStatements.all
        + GapStatements.all + ServiceStatements.all

    /// The statements that can't be prepared, none of which is executed.
    ///
    /// - Throws: `PostgresError` when the database can't be reached.
    package func failures() async throws -> [Failure] {
        let session = try await ScriptSession.open(configuration)
        defer { session.close() }
        // The seed's statements read a temporary table; a plain one of the session will do, and goes with it.
        try await session.execute(SeedStage.sql.text.replacing("on commit drop", with: ""))
        var failures: [Failure] = []
        for sql in Self.all {
            do throws(PostgresError) {
                _ = try await session.describe(sql)
            } catch .server(let error) {
                failures.append(Failure(name: sql.name, error: error))
            }
        }
        return failures
    }
}
