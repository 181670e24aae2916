/// Which JSON-RPC a caller speaks, and so which shape its reply has.
enum RPCVersion: Sendable {
    /// Replies hold both `result` and `error`, one of them null, and an id of null makes a notification.
    case v1
    case v2
}
