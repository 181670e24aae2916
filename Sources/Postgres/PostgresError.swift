/// Why a call on the database failed, split by what the caller may still do.
///
/// There is no `isRetryable`: whether to try again depends on what the caller was doing, so that decision stands with the
/// caller, made from these facts. Bound values never appear in an error.
package enum PostgresError: Error, Sendable {
    /// The server refused the statement; the connection is as good as before.
    case server(ServerError)
    /// The connection is gone, and what was asked had no effect that outlived it.
    case connection(ConnectionFailure)
    /// No answer came to a commit: the work is either wholly there or wholly absent.
    case commitUnknown(CommitLoss)
    /// `COMMIT` was answered by a rollback, since an earlier statement of the transaction had failed.
    case rolledBack
    /// The deadline passed in this phase.
    case timedOut(Phase)
    /// The calling task was cancelled.
    case cancelled
    /// The server's answer does not have the declared shape.
    case decoding(DecodingFailure)
    /// The pool is closed.
    case poolClosed

    /// Why no answer came to a commit.
    package enum CommitLoss: String, Sendable {
        case connectionLost
        case deadlinePassed
    }

    /// What a call was doing when its deadline passed.
    package enum Phase: String, Sendable {
        case waitingForConnection
        case waitingForAnswer
    }

    /// The SQLSTATE if the server spoke.
    package var sqlState: SQLState? {
        if case .server(let error) = self { error.sqlState } else { nil }
    }
}

/// What the server said of a failed statement.
package struct ServerError: Error, Sendable {
    package var sqlState: SQLState
    package var severity = "ERROR"
    package var message: String
    package var detail: String?
    package var hint: String?
    package var schema: String?
    package var table: String?
    package var column: String?
    package var constraint: String?
    package var routine: String?
    /// Where the server was, such as the line of a COPY.
    package var context: String?
    /// The name of our statement, for logs.
    package var statement: String?
}

/// How a connection was lost, or could not be made.
package struct ConnectionFailure: Error, Sendable {
    /// Where in its life the connection was.
    package enum Stage: String, Sendable {
        case connect
        case send
        case receive
    }

    package let stage: Stage
    package let message: String
    /// The server's last word, when it said why it hung up.
    package var cause: SQLState?
}

/// A result that does not fit its statement's declaration: a defect of ours, found by the checked-SQL test.
package struct DecodingFailure: Error, Sendable {
    package var statement: String?
    package let column: Int
    package let reason: String
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .server(let error):
            "\(error.sqlState) \(error.message)\(error.statement.map { " (in \($0))" } ?? "")"
        case .connection(let failure): "connection lost (\(failure.stage.rawValue)): \(failure.message)"
        case .commitUnknown(.connectionLost): "connection lost during commit: the outcome is unknown"
        case .commitUnknown(.deadlinePassed): "deadline passed during commit: the outcome is unknown"
        case .rolledBack: "the transaction was rolled back"
        case .timedOut(let phase): "deadline passed (\(phase.rawValue))"
        case .cancelled: "cancelled"
        case .decoding(let failure):
            "column \(failure.column) of \(failure.statement ?? "a statement"): \(failure.reason)"
        case .poolClosed: "the connection pool is closed"
        }
    }
}
