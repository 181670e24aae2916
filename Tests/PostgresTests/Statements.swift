import TestSupport

@testable import Postgres

/// A call that must not run into its deadline has one far away.
extension Deadline {
    static var far: Deadline { .after(.seconds(50)) }
}

/// Answers with its own number over a shared connection.
struct ReadNumber: OneRow {
    static let sql = SQL("read_number", "SELECT $1::int8")
    static let route = Route.shared
    let number: Int
    func bind(to parameters: inout Parameters) { parameters.append(number) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

/// Divides over a shared connection: the server refuses a zero.
struct Divide: OneRow {
    static let sql = SQL("divide", "SELECT 1000000 / $1::int8")
    static let route = Route.shared
    let number: Int
    func bind(to parameters: inout Parameters) { parameters.append(number) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}

/// Takes its time over a shared connection.
struct SharedSleep: OneRow {
    static let sql = SQL("shared_sleep", "SELECT $1::float8 FROM pg_sleep($1::float8)")
    static let route = Route.shared
    let seconds: Double
    func bind(to parameters: inout Parameters) { parameters.append(seconds) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Double { try row.next() }
}

/// The process that serves a shared connection.
struct SharedProcess: OneRow {
    static let sql = SQL("shared_process", "SELECT pg_backend_pid()")
    static let route = Route.shared
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int32 { try row.next() }
}

/// Takes its time on a leased connection.
struct Sleep: OneRow {
    static let sql = SQL("sleep", "SELECT $1::float8 FROM pg_sleep($1::float8)")
    let seconds: Double
    func bind(to parameters: inout Parameters) { parameters.append(seconds) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Double { try row.next() }
}

/// Echoes a long text on a leased connection.
struct EchoText: OneRow {
    static let sql = SQL("echo_text", "SELECT $1::text")
    let text: String
    func bind(to parameters: inout Parameters) { parameters.append(text) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> String { try row.next() }
}

extension Session {
    /// Runs SQL of a test and decodes the only column of its only row.
    func value<Value: PostgresDecodable>(_ text: String, as type: Value.Type = Value.self) async throws -> Value {
        try await command(SQL("test", text)).row(0) { row throws(PostgresError) in try row.next(type) }
    }

    /// Runs SQL of a test that answers with nothing of interest.
    func run(_ text: String) async throws { _ = try await command(SQL("test", text)) }
}

extension Pool {
    /// Runs SQL of a test on a leased connection of its own.
    func run(_ text: String) async throws { try await withSession(until: .far) { try await $0.run(text) } }

    func value<Value: PostgresDecodable & Sendable>(_ text: String, as type: Value.Type = Value.self) async throws
        -> Value
    {
        try await withSession(until: .far) { try await $0.value(text, as: type) }
    }
}

extension Pool {
    /// Gives way until so many callers stand in line.
    func untilWaiting(_ count: Int) async throws {
        while waiting < count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}

/// Runs the body, which must fail with an error of the driver, and returns that.
func failure<Value>(
    of body: () async throws -> Value
) async throws -> PostgresError {
    do {
        _ = try await body()
    } catch let error as PostgresError {
        return error
    }
    throw TestSupportError("nothing was thrown")
}

extension PostgresError {
    var server: ServerError? { if case .server(let error) = self { error } else { nil } }
    var decoding: DecodingFailure? { if case .decoding(let error) = self { error } else { nil } }
    var connection: ConnectionFailure? { if case .connection(let error) = self { error } else { nil } }
    var phase: Phase? { if case .timedOut(let phase) = self { phase } else { nil } }
    var isCancelled: Bool { if case .cancelled = self { true } else { false } }
    var isCommitUnknown: Bool { if case .commitUnknown = self { true } else { false } }
    var isRolledBack: Bool { if case .rolledBack = self { true } else { false } }
    var isPoolClosed: Bool { if case .poolClosed = self { true } else { false } }
}

/// Sets a setting until the end of the transaction.
struct SetLocally: OneRow {
    static let sql = SQL("set_locally", "SELECT set_config('test.said', $1::text, true)")
    let word: String
    func bind(to parameters: inout Parameters) { parameters.append(word) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> String { try row.next() }
}

/// What was set, if anything, and whether the transaction may write.
struct ReadSetting: OneRow {
    static let sql = SQL(
        "read_setting",
        "SELECT coalesce(current_setting('test.said', true), ''), current_setting('transaction_read_only') = 'on'"
    )
    static func decode(_ row: inout RowReader) throws(PostgresError) -> (word: String, isReadOnly: Bool) {
        (try row.next(), try row.next())
    }
}

/// Divides in vain.
struct Fail: OneRow {
    static let sql = SQL("fail", "SELECT 1 / $1::int8")
    func bind(to parameters: inout Parameters) { parameters.append(0) }
    static func decode(_ row: inout RowReader) throws(PostgresError) -> Int { try row.next() }
}
