/// The rows of one result, decoded on demand on the caller's thread.
package struct Rows: Sendable {
    let result: QueryResult
    let statement: String

    package var count: Int { result.rowCount }

    /// The rows that the statement changed.
    package var affected: Int { result.affectedRows }

    func row<Row>(
        _ index: Int,
        decode: (inout RowReader) throws(PostgresError) -> Row
    ) throws(PostgresError) -> Row {
        var reader = RowReader(result: result, row: index, statement: statement)
        return try decode(&reader)
    }

    func cardinality(expected: String) -> PostgresError {
        .decoding(DecodingFailure(statement: statement, column: 0, reason: "\(count) rows instead of \(expected)"))
    }
}

/// Reads the columns of one row from left to right.
package struct RowReader: ~Copyable {
    private let result: QueryResult
    private let row: Int
    private let statement: String
    private var column = 0

    init(result: QueryResult, row: Int, statement: String) {
        self.result = result
        self.row = row
        self.statement = statement
    }

    /// The next column, which may not be NULL.
    ///
    /// - Throws: ``PostgresError/decoding(_:)`` for NULL, another type, or bytes that are not a value of the type.
    package mutating func next<Value: PostgresDecodable>(_: Value.Type = Value.self) throws(PostgresError) -> Value {
        try value()
    }

    /// The next column, `nil` for NULL.
    package mutating func nextIfPresent<Value: PostgresDecodable>(
        _: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        try valueIfPresent()
    }

    mutating func value<Value: PostgresDecodable>() throws(PostgresError) -> Value {
        guard let value: Value = try valueIfPresent() else { throw failure("NULL where \(Value.self) was expected") }
        return value
    }

    mutating func valueIfPresent<Value: PostgresDecodable>() throws(PostgresError) -> Value? {
        column += 1
        guard column <= result.columnCount else { throw failure("the result has \(result.columnCount) columns") }
        let type = result.type(column: column - 1)
        guard Value.accepts(type: type) else { throw failure("type \(type) where \(Value.self) was expected") }
        guard let bytes = result.bytes(row: row, column: column - 1) else { return nil }
        guard let value = Value(postgres: bytes) else { throw failure("bytes that are no \(Value.self)") }
        return value
    }

    private func failure(_ reason: String) -> PostgresError {
        .decoding(DecodingFailure(statement: statement, column: column, reason: reason))
    }
}
