/// How long a failed job waits: capped exponential backoff with full jitter, which spreads a crowd of failures best
/// (Brooker, "Exponential Backoff And Jitter", 2015).
package struct RetrySchedule: Sendable {
    /// The ceiling of the first pause.
    package var base: Duration = .seconds(1)
    /// No pause is longer.
    package var cap: Duration = .seconds(3600)
    /// A job that has failed this often is dead.
    package var maximumAttempts = 8

    package init() {}

    /// The pause after the given number of failures.
    ///
    /// - Parameter jitter: 0..<1, from the caller's source of randomness.
    package func pause(afterFailures failures: Int, jitter: Double) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        let ceiling = min(cap, base * (1 << doublings))
        return ceiling * jitter
    }
}
