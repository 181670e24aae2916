/// Everything about a pool that is worth a log line or a metric. The driver itself logs nothing.
package enum PoolEvent: Sendable {
    case connected(processID: Int32)
    case connectFailed(ConnectionFailure)
    case closed(processID: Int32)
    /// A caller's deadline passed while it stood in line for a connection.
    case leaseTimedOut
}
