import CLibpq
import Glibc

/// The only file that sees libpq's C API; everything else speaks through these wrappers.
///
/// A handle may be used by one thread at a time. ``Connection`` keeps it inside a mutex.
struct LibPQ {
    private let raw: OpaquePointer

    /// What one call of `PQgetResult` produced.
    enum Outcome {
        case rows(QueryResult)
        case command(QueryResult)
        case copyIn
        case copyOut
        case failed(QueryResult)
        case aborted
        case sync
        case unexpected(String)
    }

    // MARK: Connecting (blocking: connector thread only)

    /// Connects, blocking until the server answered or libpq gave up.
    static func connect(_ settings: [(key: String, value: String)]) throws(ConnectionFailure) -> sending LibPQ {
        var keywords: [UnsafePointer<CChar>?] = settings.map { UnsafePointer(strdup($0.key)) } + [nil]
        var values: [UnsafePointer<CChar>?] = settings.map { UnsafePointer(strdup($0.value)) } + [nil]
        defer {
            for pointer in keywords + values { free(UnsafeMutablePointer(mutating: pointer)) }
        }
        guard let raw = PQconnectdbParams(&keywords, &values, 1) else {
            throw ConnectionFailure(stage: .connect, message: "out of memory")
        }
        let handle = LibPQ(raw: raw)
        guard PQstatus(raw) == CONNECTION_OK else {
            let failure = ConnectionFailure(stage: .connect, message: handle.message)
            PQfinish(raw)
            throw failure
        }
        // libpq prints notices to stderr unless told otherwise; a server's chatter is not our log.
        PQsetNoticeProcessor(raw, { _, _ in }, nil)
        return handle
    }

    /// Why libpq cannot read a connection string; `nil` if it can.
    ///
    /// What libpq quotes of the string may be part of a password, so of that only the name of an unknown option is kept.
    static func fault(ofConnectionString text: String) -> String? {
        // libpq takes anything else for the name of a database.
        guard text.contains("=") || text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") else { return nil }
        var complaint: UnsafeMutablePointer<CChar>?
        if let options = PQconninfoParse(text, &complaint) {
            PQconninfoFree(options)
            return nil
        }
        guard let complaint else { return "out of memory" }
        defer { PQfreemem(complaint) }
        let parts = String(cString: complaint).trimmedLine.split(separator: "\"", omittingEmptySubsequences: false)
        let namesOption = parts[0] == "invalid connection option "
        return parts.enumerated()
            .map { index, part in index.isMultiple(of: 2) || part == "=" || namesOption ? String(part) : "…" }
            .joined(separator: "\"")
    }

    /// Runs a script of one or more statements, blocking, and returns the last result's rows as text.
    func execute(script: String) -> Result<[[String?]], ServerError> {
        guard let raw = PQexec(raw, script) else {
            return .failure(ServerError(sqlState: .connectionFailure, message: message))
        }
        let result = QueryResult(raw)
        switch PQresultStatus(raw) {
        case PGRES_TUPLES_OK:
            return .success(
                (0..<result.rowCount).map { row in
                    (0..<result.columnCount).map { result.text(row: row, column: $0) }
                }
            )
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return .success([])
        default:
            return .failure(result.serverError(statement: nil))
        }
    }

    /// Runs a script whose results are of no interest, blocking until the deadline at most: a server may accept a
    /// connection and fall silent.
    func execute(script: String, until deadline: Deadline) -> ServerError? {
        guard PQsendQuery(raw, script) == 1 else {
            return ServerError(sqlState: .connectionFailure, message: message)
        }
        var error: ServerError?
        while true {
            while PQisBusy(raw) != 0 {
                let left = (deadline.ticks - Deadline.now.ticks) / 1_000_000
                guard left > 0 else { return ServerError(sqlState: .connectionFailure, message: "no answer in time") }
                var descriptor = pollfd(fd: PQsocket(raw), events: Int16(POLLIN), revents: 0)
                guard poll(&descriptor, 1, Int32(clamping: left)) > 0 else { continue }
                guard PQconsumeInput(raw) == 1 else {
                    return ServerError(sqlState: .connectionFailure, message: message)
                }
            }
            guard let raw = PQgetResult(raw) else { return error }
            let result = QueryResult(raw)
            guard PQresultStatus(raw) == PGRES_COMMAND_OK || PQresultStatus(raw) == PGRES_EMPTY_QUERY else {
                error = error ?? result.serverError(statement: nil)
                continue
            }
        }
    }

    /// Has the server parse the statement, blocking, and returns its parameters' and columns' types.
    func describe(_ sql: SQL) -> Result<StatementShape, ServerError> {
        func check(_ raw: OpaquePointer?) -> Result<QueryResult, ServerError> {
            guard let raw else { return .failure(ServerError(sqlState: .connectionFailure, message: message)) }
            let result = QueryResult(raw)
            guard PQresultStatus(raw) == PGRES_COMMAND_OK else {
                return .failure(result.serverError(statement: sql.name))
            }
            return .success(result)
        }
        return check(PQprepare(raw, "", sql.text, 0, nil))
            .flatMap { _ in check(PQdescribePrepared(raw, "")) }
            .map(\.shape)
    }

    var cancelHandle: CancelHandle? { PQgetCancel(raw).map(CancelHandle.init) }

    var serverVersion: Int32 { PQserverVersion(raw) }

    // MARK: Facts

    var socket: Int32 { PQsocket(raw) }
    var isUsable: Bool { PQstatus(raw) == CONNECTION_OK }
    var isBusy: Bool { PQisBusy(raw) != 0 }
    var message: String { PQerrorMessage(raw).map { String(cString: $0).trimmedLine } ?? "" }
    var processID: Int32 { PQbackendPID(raw) }

    var transactionStatus: TransactionStatus {
        switch PQtransactionStatus(raw) {
        case PQTRANS_IDLE: .idle
        case PQTRANS_ACTIVE: .active
        case PQTRANS_INTRANS: .inTransaction
        case PQTRANS_INERROR: .failed
        default: .unknown
        }
    }

    // MARK: Sending (never blocks: the connection is in nonblocking mode)

    func enterNonblockingPipeline() -> Bool { PQsetnonblocking(raw, 1) == 0 && PQenterPipelineMode(raw) == 1 }
    func enterPipeline() -> Bool { PQenterPipelineMode(raw) == 1 }
    func exitPipeline() -> Bool { PQexitPipelineMode(raw) == 1 }
    func sync() -> Bool { PQpipelineSync(raw) == 1 }
    func consumeInput() -> Bool { PQconsumeInput(raw) == 1 }

    /// Writes what is buffered; `nil` when the connection failed, `true` when some is left for the next writable moment.
    func flush() -> Bool? {
        switch PQflush(raw) {
        case 0: false
        case 1: true
        default: nil
        }
    }

    func sendQuery(_ text: String) -> Bool { PQsendQuery(raw, text) == 1 }

    func sendPrepare(_ sql: SQL, types: [UInt32]) -> Bool {
        PQsendPrepare(raw, sql.identifier, sql.text, Int32(types.count), types) == 1
    }

    func sendExecute(_ sql: SQL, _ parameters: borrowing Parameters) -> Bool {
        parameters.withPointers { count, _, values, lengths, formats in
            PQsendQueryPrepared(raw, sql.identifier, count, values, lengths, formats, 1) == 1
        }
    }

    func sendUnprepared(_ sql: SQL, _ parameters: borrowing Parameters) -> Bool {
        parameters.withPointers { count, types, values, lengths, formats in
            PQsendQueryParams(raw, sql.text, count, types, values, lengths, formats, 1) == 1
        }
    }

    // MARK: Receiving

    /// The next result, or `nil` at the end of one command's results. Call only while not ``isBusy``.
    func nextResult() -> Outcome? {
        guard let raw = PQgetResult(raw) else { return nil }
        let result = QueryResult(raw)
        switch PQresultStatus(raw) {
        case PGRES_TUPLES_OK: return .rows(result)
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return .command(result)
        case PGRES_COPY_IN: return .copyIn
        case PGRES_COPY_OUT: return .copyOut
        case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR: return .failed(result)
        case PGRES_PIPELINE_ABORTED: return .aborted
        case PGRES_PIPELINE_SYNC: return .sync
        default: return .unexpected(PQresStatus(PQresultStatus(raw)).map { String(cString: $0) } ?? "?")
        }
    }

    /// The next pending notification.
    func nextNotification() -> Notification? {
        guard let pointer = PQnotifies(raw) else { return nil }
        defer { PQfreemem(pointer) }
        return Notification(
            channel: String(cString: pointer.pointee.relname),
            payload: String(cString: pointer.pointee.extra)
        )
    }

    // MARK: COPY

    enum CopyPut {
        case accepted
        case full
        case failed
    }

    func putCopyData(_ bytes: UnsafeRawBufferPointer) -> CopyPut {
        switch PQputCopyData(raw, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count)) {
        case 1: .accepted
        case 0: .full
        default: .failed
        }
    }

    /// Ends a COPY into the server; with a reason the server rolls it back.
    func putCopyEnd(failingWith reason: String?) -> CopyPut {
        let code = reason.map { PQputCopyEnd(raw, $0) } ?? PQputCopyEnd(raw, nil)
        return code == 1 ? .accepted : code == 0 ? .full : .failed
    }

    enum CopyRead {
        case chunk([UInt8])
        case wait
        case end
        case failed
    }

    func copyData() -> CopyRead {
        var buffer: UnsafeMutablePointer<CChar>?
        let length = PQgetCopyData(raw, &buffer, 1)
        if length == 0 { return .wait }
        if length == -1 { return .end }
        guard length > 0, let buffer else { return .failed }
        defer { PQfreemem(buffer) }
        return .chunk(Array(UnsafeRawBufferPointer(start: buffer, count: Int(length))))
    }

    /// Closes the connection and frees the handle; nothing may use it afterwards.
    func finish() { PQfinish(raw) }
}

/// What the server says of the session's transaction.
enum TransactionStatus {
    case idle
    case active
    case inTransaction
    case failed
    case unknown
}

/// One result of the server, freed with its last reference.
///
/// `@unchecked Sendable`: libpq never changes a finished `PGresult`, so it may be read from any thread; that lets rows be
/// decoded on the caller's thread instead of the reactor's.
package final class QueryResult: @unchecked Sendable {
    private let raw: OpaquePointer

    fileprivate init(_ raw: OpaquePointer) { self.raw = raw }
    deinit { PQclear(raw) }

    var rowCount: Int { Int(PQntuples(raw)) }
    var columnCount: Int { Int(PQnfields(raw)) }

    /// The OID of a column's type.
    func type(column: Int) -> UInt32 { PQftype(raw, Int32(column)) }
    func name(column: Int) -> String { PQfname(raw, Int32(column)).map { String(cString: $0) } ?? "" }

    fileprivate var shape: StatementShape {
        StatementShape(
            parameters: (0..<PQnparams(raw)).map { PQparamtype(raw, $0) },
            columns: (0..<columnCount).map { (name(column: $0), type(column: $0)) }
        )
    }

    /// The rows that an INSERT, UPDATE, DELETE or COPY changed.
    var affectedRows: Int { PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// The command tag, such as `COMMIT` or `INSERT 0 1`.
    var commandTag: String { PQcmdStatus(raw).map { String(cString: $0) } ?? "" }

    /// The bytes of a cell, or `nil` for NULL. They live as long as the result.
    func bytes(row: Int, column: Int) -> UnsafeRawBufferPointer? {
        let (row, column) = (Int32(row), Int32(column))
        guard PQgetisnull(raw, row, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(start: PQgetvalue(raw, row, column), count: Int(PQgetlength(raw, row, column)))
    }

    func text(row: Int, column: Int) -> String? {
        bytes(row: row, column: column).map { String(decoding: $0, as: UTF8.self) }
    }

    func serverError(statement: String?) -> ServerError {
        ServerError(
            sqlState: SQLState(rawValue: field(AMENITY_DIAG_SQLSTATE) ?? SQLState.connectionFailure.rawValue),
            severity: field(AMENITY_DIAG_SEVERITY) ?? "FATAL",
            message: field(AMENITY_DIAG_MESSAGE) ?? String(cString: PQresultErrorMessage(raw)).trimmedLine,
            detail: field(AMENITY_DIAG_DETAIL),
            hint: field(AMENITY_DIAG_HINT),
            schema: field(AMENITY_DIAG_SCHEMA),
            table: field(AMENITY_DIAG_TABLE),
            column: field(AMENITY_DIAG_COLUMN),
            constraint: field(AMENITY_DIAG_CONSTRAINT),
            routine: field(AMENITY_DIAG_ROUTINE),
            context: field(Self.contextField),
            statement: statement
        )
    }

    /// `PG_DIAG_CONTEXT`, a character literal that Swift does not import.
    private static let contextField = Int32(UInt8(ascii: "W"))

    private func field(_ code: Int32) -> String? { PQresultErrorField(raw, code).map { String(cString: $0) } }
}

/// What it takes to cancel the running statement of a connection from another thread.
///
/// `@unchecked Sendable`: libpq documents `PGcancel` as read-only and usable from any thread.
final class CancelHandle: @unchecked Sendable {
    private let raw: OpaquePointer

    fileprivate init(_ raw: OpaquePointer) { self.raw = raw }
    deinit { PQfreeCancel(raw) }

    /// Asks the server to cancel, blocking until it took note. Opens a second connection.
    func request() {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            _ = PQcancel(raw, buffer.baseAddress, 256)
        }
    }
}

extension String {
    /// The text without the line break that libpq ends its messages with.
    fileprivate var trimmedLine: String {
        var text = self[...]
        while let last = text.last, last.isNewline || last == " " { text.removeLast() }
        return String(text)
    }
}
