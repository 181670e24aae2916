import Access
import Catalog
import Postgres

/// What every method says of itself. One type per method: it decodes its arguments and acts; the registry lists it.
protocol Method: Sendable {
    static var name: String { get }
    static var summary: String { get }
    /// In the order that by-position arguments have.
    static var parameters: [Parameter] { get }
    /// The members of the result, `_meta` aside.
    static var result: [Parameter] { get }
    static var access: MethodAccess { get }
    /// What a call costs, in the unit of a look-up of one row.
    static var cost: Int { get }
    /// What it costs more when a parameter is given, by the parameter's name.
    static var surcharges: [String: Int] { get }
    /// What it may answer beyond what every method may.
    static var errors: [ErrorCode] { get }
    static var examples: [MethodExample] { get }
    /// Set once the method will go.
    static var deprecation: Deprecation? { get }
}

extension Method {
    static var parameters: [Parameter] { [] }
    static var access: MethodAccess { .scope(.read) }
    /// What waits for nothing costs nothing but its bytes.
    static var cost: Int { 0 }
    static var surcharges: [String: Int] { [:] }
    static var errors: [ErrorCode] { [] }
    static var examples: [MethodExample] { [] }
    static var deprecation: Deprecation? { nil }
}

/// A method answered on the connection's event loop, since it waits for nothing. A hop to a task and back would cost more
/// than the rest of the call.
protocol LocalMethod: Method {
    /// Writes the result, an object without `_meta`.
    static func answer(_ arguments: Arguments, session: inout CallerSession, to writer: inout JSONWriter)
        throws(CallError)
}

/// A method about its connection, answered on its event loop.
protocol ConnectionMethod: Method {
    static func answer(_ arguments: Arguments, on connection: ConnectionHandler) throws(CallError) -> Answer
}

/// A method that waits, mostly for the database, and so runs in a task.
protocol RemoteMethod: Method {
    static var effect: MethodEffect { get }
    /// How long a call may take, unless its caller asks for less.
    static var patience: Duration { get }
    /// For how long an answer may be given again while the catalogue stands still; `nil` for one that depends on anything
    /// else, such as who calls. What depends on the time, such as whether a place is open, bears a few seconds.
    static var keeps: Duration? { get }
    /// Whether a call may change what ``keeps`` speaks of: any write, unless it says that it doesn't.
    static var changesCatalogue: Bool { get }
    /// How much of the line of running calls a call takes: none for what has to be answered even when that is full, and of
    /// what keeps the database busy for long so much that only a few of them run at once.
    static var weight: Int { get }

    /// Decodes arguments that the schema has let through.
    init(_ arguments: Arguments) throws(CallError)

    func run(_ context: CallContext) async throws(CallError) -> Answer
}

extension RemoteMethod {
    static var effect: MethodEffect { .read }
    static var patience: Duration { .seconds(5) }
    static var keeps: Duration? { nil }
    static var changesCatalogue: Bool { effect == .write }
    static var cost: Int { 1 }
    static var weight: Int { min(max(1, cost), MethodCost.heaviest) }
}

/// What a method does, which decides what may be done to a running call.
enum MethodEffect: String, Sendable {
    /// Cancelled when its caller is gone.
    case read
    /// Never cancelled once it runs, save at the end of a drain.
    case write
    /// Changes who the connection is: later calls of the connection wait for it.
    case session
}

/// What a remote method has at hand.
struct CallContext: Sendable {
    let backend: Backend
    let health: Health
    /// The call's id, as its caller and the log have it.
    let requestID: String
    /// Who calls.
    let principal: Principal
    /// What they have shown.
    let credential: Credential?
    /// From where they call; `nil` on a Unix socket.
    let address: IPAddress?
    /// What a transaction begins with in order to act for the caller.
    var opening: any Statement { principal.opening(requestID: requestID) }
    let language: Language
    let deadline: Deadline
    /// What the caller's address may still say of amenities without a token; `nil` where no limits apply.
    let feedbackShare: AddressQuota.Share?
    /// Of a write that may be sent again.
    let idempotencyKey: IdempotencyKey?
    /// What the call's cursor, and that of the answer's next page, belongs to.
    let query: CursorSeal.Query?

    /// Opens the cursor that the caller brings back.
    ///
    /// - Throws: `cursor_mismatch` for one that was not made here, or for another query.
    func open(_ cursor: String?) async throws(CallError) -> String? {
        guard let cursor, let query else { return nil }
        do {
            guard let opened = try await backend.cursors.open(cursor, for: query, until: deadline) else {
                throw CallError(CatalogError.cursorMismatch)
            }
            return opened
        } catch let error as CallError {
            throw error
        } catch let error as PostgresError {
            throw CallError(error)
        } catch {
            preconditionFailure("opening a cursor throws only our errors, not \(error)")
        }
    }
}

/// What a remote method answers.
struct Answer: Sendable {
    /// An object without `_meta`.
    var json: JSONText
    /// The cursor of the page after this one, not yet sealed.
    var next: String?
    /// How many there are on all pages, where that was asked.
    var total: Int?
    /// What tells this answer from others to the same read.
    var etag: String?
    /// Whether the caller has it already.
    var isUnchanged = false
    /// Whether it was given before, under the same idempotency key.
    var isReplayed = false
    /// How the connection's later calls differ from those before.
    var change: SessionChange?

    init(_ json: JSONText) { self.json = json }

    /// An answer written in place.
    init(_ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        self.init(JSONText(utf8: writer.bytes))
    }
}

/// What a call changes about its connection.
enum SessionChange: Sendable {
    /// Later calls carry this token.
    case login(token: String)
    case logout
    /// Notifications are sent from now on. The last number is that of the answer.
    case subscribe(Subscription, last: Int64)
}

/// What a connection remembers between calls.
struct CallerSession {
    /// The token that `auth.login` was given, or the client's certificate. It is looked up anew for each call, so that a
    /// revoked one stops working at once.
    var credential: Credential?
    let facts: ServiceFacts
}
