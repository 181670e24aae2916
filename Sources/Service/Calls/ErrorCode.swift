/// The codes of the wire. ``kind`` is the name that clients may rely on; codes are never reused.
package enum ErrorCode: Int, CaseIterable, Sendable {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case internalError = -32603
    case unauthenticated = -32001
    case forbidden = -32002
    case rateLimited = -32003
    case overloaded = -32004
    case deadlineExceeded = -32005
    case cancelled = -32006
    case shuttingDown = -32007
    case frameTooLarge = -32008
    case tooManyConnections = -32009
    case batchTooLarge = -32010
    case subscriptionLimit = -32011
    case databaseUnavailable = -32012
    case methodRemoved = -32013
    case protocolUnsupported = -32014
    case notFound = 1001
    case conflict = 1002
    case validationFailed = 1003
    case staleVersion = 1004
    case idempotencyMismatch = 1005
    case idempotencyInProgress = 1006
    case merged = 1007
    case notPublishable = 1008
    case quotaExceeded = 1009

    /// The stable name in `error.data.kind`.
    package var kind: String {
        switch self {
        case .parseError: "parse_error"
        case .invalidRequest: "invalid_request"
        case .methodNotFound: "method_not_found"
        case .invalidParams: "invalid_params"
        case .internalError: "internal"
        case .unauthenticated: "unauthenticated"
        case .forbidden: "forbidden"
        case .rateLimited: "rate_limited"
        case .overloaded: "overloaded"
        case .deadlineExceeded: "deadline_exceeded"
        case .cancelled: "cancelled"
        case .shuttingDown: "shutting_down"
        case .frameTooLarge: "frame_too_large"
        case .tooManyConnections: "too_many_connections"
        case .batchTooLarge: "batch_too_large"
        case .subscriptionLimit: "subscription_limit"
        case .databaseUnavailable: "database_unavailable"
        case .methodRemoved: "method_removed"
        case .protocolUnsupported: "protocol_unsupported"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .validationFailed: "validation_failed"
        case .staleVersion: "stale_version"
        case .idempotencyMismatch: "idempotency_mismatch"
        case .idempotencyInProgress: "idempotency_in_progress"
        case .merged: "merged"
        case .notPublishable: "not_publishable"
        case .quotaExceeded: "quota_exceeded"
        }
    }

    /// Whether the same call may succeed a little later.
    package var isRetryable: Bool {
        switch self {
        case .rateLimited, .overloaded, .deadlineExceeded, .shuttingDown, .tooManyConnections, .databaseUnavailable,
            .idempotencyInProgress:
            true
        case .parseError, .invalidRequest, .methodNotFound, .invalidParams, .internalError, .unauthenticated,
            .forbidden, .cancelled, .frameTooLarge, .batchTooLarge, .subscriptionLimit, .methodRemoved,
            .protocolUnsupported, .notFound, .conflict, .validationFailed, .staleVersion, .idempotencyMismatch,
            .merged, .notPublishable, .quotaExceeded:
            false
        }
    }
}
