/// One statement as a value: its stored properties are the parameters, its type says what comes back.
///
/// Conform to one of ``OneRow``, ``OptionalRow``, ``ManyRows`` or ``Command``; the SQL stands in a file under
/// `db/queries`.
package protocol Statement: Sendable {
    associatedtype Output: Sendable

    static var sql: SQL { get }

    /// How the pool runs the statement outside a transaction. The default is always right; ``Route/shared`` is faster.
    static var route: Route { get }

    func bind(to parameters: inout Parameters)

    /// Turns the server's rows into the declared output.
    static func output(of rows: Rows) throws(PostgresError) -> Output
}

/// The connection that runs a statement outside a transaction.
package enum Route: Sendable {
    /// One of the few read-only connections on which many tasks' statements are pipelined. For quick reads: a slow
    /// statement delays those behind it, and a write is refused by the server (25006). Planned once for all parameters.
    case shared
    /// A read on a connection of the caller's own: for slow ones, which must not hold up others. It may be cancelled, and
    /// losing its answer loses nothing.
    case leasedRead
    /// A connection of the caller's own; the statement may write, so it is never cancelled, and when its answer is lost
    /// the outcome is unknown.
    case leased
}

extension Statement {
    package static var route: Route { .leased }
    package func bind(to parameters: inout Parameters) {}
}

/// A statement whose answer is rows of a declared type.
package protocol RowStatement: Statement {
    associatedtype Row: Sendable

    /// Reads the columns in order.
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row
}

/// A statement that always answers with exactly one row.
package protocol OneRow: RowStatement where Output == Row {}

/// A statement that answers with one row or none.
package protocol OptionalRow: RowStatement where Output == Row? {}

/// A statement that answers with any number of rows.
package protocol ManyRows: RowStatement where Output == [Row] {}

/// A statement whose answer is the number of rows it changed.
package protocol Command: Statement where Output == Int {}

extension OneRow {
    package static func output(of rows: Rows) throws(PostgresError) -> Row {
        guard rows.count == 1 else { throw rows.cardinality(expected: "one row") }
        return try rows.row(0, decode: decode)
    }
}

extension OptionalRow {
    package static func output(of rows: Rows) throws(PostgresError) -> Row? {
        guard rows.count > 0 else { return nil }
        guard rows.count == 1 else { throw rows.cardinality(expected: "at most one row") }
        return try rows.row(0, decode: decode)
    }
}

extension ManyRows {
    package static func output(of rows: Rows) throws(PostgresError) -> [Row] {
        var output: [Row] = []
        output.reserveCapacity(rows.count)
        for index in 0..<rows.count { output.append(try rows.row(index, decode: decode)) }
        return output
    }
}

extension Command {
    package static func output(of rows: Rows) throws(PostgresError) -> Int { rows.affected }
}
