extension ErrorCode {
    /// What a client should make of the code, for the description of the methods.
    var meaning: String {
        switch self {
        case .parseError: "The bytes are not JSON."
        case .invalidRequest: "The JSON is not a JSON-RPC request."
        case .methodNotFound: "There is no such method; error.data.hint names one that is spelt alike."
        case .invalidParams: "A parameter is missing, unknown or wrong; error.data.path says which."
        case .internalError: "Something failed that should not; tell the operator the request_id."
        case .unauthenticated: "The call needs a valid token."
        case .forbidden: "The caller's role, scopes or parks don't allow the call."
        case .rateLimited: "Too many calls; wait retry_after_ms."
        case .overloaded: "The service is busy; try again a little later."
        case .deadlineExceeded: "The call's deadline passed. Unless error.data.outcome is unknown, nothing was changed."
        case .cancelled: "The call was cancelled, by rpc.cancel or by the end of the service."
        case .shuttingDown: "The service is shutting down; connect anew."
        case .frameTooLarge: "The message is longer than system.limits allows."
        case .tooManyConnections: "Too many connections; try again later."
        case .batchTooLarge: "The batch, or what its replies come to, is too large."
        case .subscriptionLimit: "The connection has too many subscriptions."
        case .databaseUnavailable: "The database can't be reached; try again after retry_after_ms."
        case .methodRemoved: "The method is gone; error.data.hint names its successor."
        case .protocolUnsupported: "The service doesn't speak that version."
        case .notFound: "There is no such thing, or the secret is wrong."
        case .conflict: "Something like it exists already."
        case .validationFailed: "The values don't make sense together."
        case .staleVersion: "Somebody else changed it meanwhile; read it again."
        case .idempotencyMismatch: "The idempotency key was used for another call within 24 hours."
        case .idempotencyInProgress: "A call with the same idempotency key is still running; try again later."
        case .merged: "It was merged into another; error.data.moved_to has its id."
        case .notPublishable: "What is needed for publishing is missing."
        case .quotaExceeded: "The caller has used up what it may have."
        }
    }

    /// What every method may answer, beside the errors of the message itself.
    static let ofEveryCall: [ErrorCode] = [.invalidParams, .internalError, .rateLimited, .shuttingDown]
    /// What a method may answer too that waits for the database.
    static let ofEveryWait: [ErrorCode] = [
        .unauthenticated, .overloaded, .deadlineExceeded, .cancelled, .databaseUnavailable,
    ]
    /// What a write may answer too.
    static let ofEveryWrite: [ErrorCode] = [.idempotencyMismatch, .idempotencyInProgress]
}
