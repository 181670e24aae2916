import Postgres

/// The table that the driver's bench reads, in a schema that lives as long as the run.
///
/// Its SQL stands here and not under `db/queries`, where every statement must fit the schema of the migrations.
struct BenchTable {
    static let rows = 10_000

    private let configuration: PostgresConfiguration

    init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// Makes and fills the table.
    ///
    /// The rest of a run that was killed is replaced; a schema that is somebody else's is left alone.
    func create() async throws {
        let session = try await ScriptSession.open(configuration)
        defer { session.close() }
        let found = try await session.execute(
            "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'bench'"
        )
        guard found.isEmpty || found == [[Self.mark]] else {
            throw CommandFailure(.conflict, "the schema bench of this database is not ours: use another database.")
        }
        try await session.execute(
            """
            drop schema if exists bench cascade;
            create schema bench;
            comment on schema bench is '\(Self.mark)';
            create table bench.item (id integer primary key, name text not null);
            insert into bench.item
            select n, 'item ' || n || ' ' || repeat('x', 40) from generate_series(1, \(Self.rows)) n;
            """
        )
        // Apart from the above: VACUUM runs in no transaction. Without it the first rounds would set hint bits.
        try await session.execute("vacuum analyze bench.item")
    }

    /// Drops the schema.
    func drop() async throws {
        let session = try await ScriptSession.open(configuration)
        defer { session.close() }
        try await session.execute("drop schema if exists bench cascade")
    }

    /// The statement for pgbench: the same as ``SelectItem``.
    static let script = """
        \\set id random(1, \(rows))
        select id, name from bench.item where id = :id::integer

        """

    private static let mark = "amenity bench"
}

/// Reads one row by its primary key.
struct SelectItem: OneRow {
    static let sql = SQL("select_item", "select id, name from bench.item where id = $1::integer")
    static let route = Route.shared
    let id: Int32

    func bind(to parameters: inout Parameters) { parameters.append(id) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Item {
        Item(id: try row.next(), name: try row.next())
    }

    struct Item: Sendable {
        let id: Int32
        let name: String
    }
}
