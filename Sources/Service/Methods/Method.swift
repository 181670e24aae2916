import Access
import Catalog
import Postgres

/// What every method says of itself. One type per method: it decodes its arguments and acts; the registry lists it.
protocol Method: Sendable {
    static var name: String { get }
    static var summary: String { get }
    /// In the order that by-position arguments have.
    static var parameters: [Parameter] { get }
    static var access: MethodAccess { get }
}

extension Method {
    static var parameters: [Parameter] { [] }
    static var access: MethodAccess { .scope(.read) }
}

/// A method answered on the connection's event loop, since it waits for nothing. A hop to a task and back would cost more
/// than the rest of the call.
protocol LocalMethod: Method {
    /// Writes the result, an object without `_meta`.
    static func answer(_ arguments: Arguments, session: inout CallerSession, to writer: inout JSONWriter)
        throws(CallError)
}

/// A method that waits, mostly for the database, and so runs in a task.
protocol RemoteMethod: Method {
    static var effect: MethodEffect { get }
    /// How long a call may take unless its caller says otherwise.
    static var patience: Duration { get }

    /// Decodes arguments that the schema has let through.
    init(_ arguments: Arguments) throws(CallError)

    func run(_ context: CallContext) async throws(CallError) -> Answer
}

extension RemoteMethod {
    static var effect: MethodEffect { .read }
    static var patience: Duration { .seconds(5) }
}

/// What a method does, which decides what may be done to a running call.
enum MethodEffect: Sendable {
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
    /// What a transaction begins with in order to act for the caller.
    var opening: any Statement { principal.opening(requestID: requestID) }
    let language: Language
    let deadline: Deadline
}

/// What a remote method answers.
struct Answer: Sendable {
    /// An object without `_meta`.
    var json: JSONText
    /// The cursor of the page after this one.
    var next: String?
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
}

/// What a connection remembers between calls.
struct CallerSession {
    /// What `auth.login` was given. It is looked up anew for each call, so that a revoked token stops working at once.
    var token: String?
    let facts: ServiceFacts

    mutating func apply(_ change: SessionChange) {
        switch change {
        case .login(let token): self.token = token
        case .logout: token = nil
        }
    }
}
