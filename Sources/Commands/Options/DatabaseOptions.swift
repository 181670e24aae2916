import ArgumentParser
import FoundationEssentials
import Postgres

/// The option of commands that work on the database itself.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database, as a libpq connection string or URI (AMENITY_DATABASE).",
            valueName: "conninfo"
        )
    )
    var database: String?

    /// How to reach the database, from the option or the environment.
    func configuration() throws -> PostgresConfiguration {
        guard let conninfo = database ?? ProcessInfo.processInfo.environment["AMENITY_DATABASE"], !conninfo.isEmpty
        else {
            throw CommandFailure(
                .usage,
                "no database was named: give --database or set AMENITY_DATABASE, such as 'host=/run/postgresql dbname=amenity'."
            )
        }
        return PostgresConfiguration(connectionString: conninfo, applicationName: "amenity")
    }

    /// Lends a pool for the body's length.
    func withPool<Value>(_ body: (Pool) async throws -> Value) async throws -> Value {
        let pool = Pool(try configuration())
        defer { pool.close() }
        return try await body(pool)
    }
}
