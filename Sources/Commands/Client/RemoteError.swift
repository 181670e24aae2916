/// An error that the service answered with.
package struct RemoteError: Error, Sendable, CustomStringConvertible {
    package let code: Int
    package let message: String
    /// The stable name of the error.
    package let kind: String?
    private let data: JSONValue

    package init(_ error: JSONValue) {
        self.code = error["code"].int ?? 0
        self.message = error["message"].string ?? "an error without a message"
        self.data = error["data"]
        self.kind = data["kind"].string
    }

    /// Whether the service can't tell if the call had its effect.
    package var isOutcomeUnknown: Bool { data["outcome"] == "unknown" || kind == "idempotency_in_progress" }

    package var description: String {
        var parts = [message]
        if let path = data["path"].string { parts.append("at \(path)") }
        if let expected = data["expected"].string { parts.append("expected: \(expected)") }
        if let hint = data["hint"].string { parts.append(hint) }
        if let milliseconds = data["retry_after_ms"].int { parts.append("try again in \(milliseconds) ms") }
        if kind == "internal" || code == -32603, let id = data["request_id"].string { parts.append("request \(id)") }
        return parts.joined(separator: "; ")
    }

    /// How a command ends that met this error.
    package var status: CommandStatus {
        switch kind {
        case "not_found": return .notFound
        case "unauthenticated", "forbidden": return .notAllowed
        case "conflict", "stale_version", "idempotency_mismatch", "idempotency_in_progress", "merged": return .conflict
        case "rate_limited", "overloaded", "shutting_down", "too_many_connections", "database_unavailable",
            "subscription_limit", "quota_exceeded":
            return .busy
        case "deadline_exceeded": return .deadline
        case "cancelled": return .interrupted
        default: break
        }
        // Parse error, invalid request, unknown method, bad params: the command line was wrong.
        return [-32700, -32600, -32601, -32602].contains(code) ? .usage : .failed
    }
}
