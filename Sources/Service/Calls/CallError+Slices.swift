import Access
import Catalog
import Gaps
import Intake
import Postgres

/// The one place where what slices and the driver throw becomes a wire code.
extension CallError {
    init(_ error: CatalogError) {
        switch error {
        case .unknownPark(let park, let known): self = .unknownPark(park, known: known)
        case .notFound(let what, let id): self = .notFound(what, id)
        case .invalid(let member, let expected): self = .invalid("/params/" + member, expected: expected)
        case .unknownCode(let member, let nearest):
            self = .invalid("/params/" + member, expected: "a code of taxonomy.list")
            if let nearest { hint = "did you mean “\(nearest)”?" }
        case .cursorMismatch:
            self.init(.invalidParams, "the cursor belongs to another search")
            kind = "cursor_mismatch"
            path = "/params/cursor"
            hint = "send the cursor with the very parameters of the search that gave it, or leave it out"
        case .database(let error): self.init(error)
        }
    }

    init(_ error: IntakeError) {
        switch error {
        case .unknownPark(let park, let known): self = .unknownPark(park, known: known)
        case .notFound(let what, let id):
            self = .notFound(what, id)
            if what != "amenity" { hint = "the id and its secret must both be right" }
        case .invalid(let member, let expected): self = .invalid("/params/" + member, expected: expected)
        case .database(let error): self.init(error)
        }
    }

    init(_ error: GapsError) {
        switch error {
        case .unknownPark(let park, let known): self = .unknownPark(park, known: known)
        case .invalid(let member, let expected): self = .invalid("/params/" + member, expected: expected)
        case .database(let error): self.init(error)
        }
    }

    init(_ error: PostgresError) {
        switch error {
        case .connection, .poolClosed:
            self.init(.databaseUnavailable, "the database can't be reached")
            retryAfterMilliseconds = Self.retryAfter
        case .commitUnknown(let loss):
            switch loss {
            case .connectionLost:
                self.init(.databaseUnavailable, "the database was lost while the change was being saved")
            case .deadlinePassed:
                self.init(.deadlineExceeded, "the call's deadline passed while the change was being saved")
            }
            isOutcomeUnknown = true
            hint =
                "the outcome is unknown: look whether the change is there before sending it again; "
                + "with _meta.idempotency_key it could be sent again without harm"
            isRetryable = false
        case .timedOut:
            self.init(.deadlineExceeded, "the call's deadline passed")
            hint = "a call has as long as rpc.discover says in x-deadline-ms, or _meta.deadline_ms where that is less"
        case .cancelled: self.init(.cancelled, "the call was cancelled")
        case .server(let server): self.init(server)
        case .rolledBack, .decoding: self.init(.internalError, Self.unexpected)
        }
        detail = error.description
    }

    private init(_ server: ServerError) {
        switch server.sqlState {
        case .diskFull:
            self.init(.databaseUnavailable, "the database's disk is full: nothing was saved")
            retryAfterMilliseconds = 60_000
        // Only a transaction that acts for a token begins with one.
        case .invalidAuthorization: self = .badToken
        case .insufficientPrivilege:
            self.init(.forbidden, "the caller's role may not do this")
        case .queryCanceled:
            self.init(.deadlineExceeded, "the call's deadline passed")
        case .adminShutdown, .crashShutdown, .cannotConnectNow, .tooManyConnections, .connectionFailure:
            self.init(.databaseUnavailable, "the database can't be reached")
            retryAfterMilliseconds = Self.retryAfter
        case .serializationFailure, .deadlockDetected, .lockNotAvailable:
            self.init(.overloaded, "others were changing the same thing")
            retryAfterMilliseconds = Self.retryAfter
        default: self.init(.internalError, Self.unexpected)
        }
    }

    private static func unknownPark(_ park: String, known: [String]) -> CallError {
        var error = invalid("/params/park", expected: "the id of a park")
        error.message = "no park has the id “\(excerpt(park))”"
        error.known = known
        error.hint = Suggestion.hint(for: park, among: known) ?? "parks.list shows all of them"
        return error
    }

    private static func notFound(_ what: String, _ id: String) -> CallError {
        CallError(.notFound, "no \(excerpt(what)) has the id “\(excerpt(id))”")
    }

    static let unexpected = "something failed that should not; the log has it under this request's id"
    /// The pool tries a lost database again within this many milliseconds.
    private static let retryAfter = 500
}
