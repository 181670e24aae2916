import Glibc

/// The signals that the calling thread, and with it a program that it starts, does not receive.
enum SignalMask {
    /// Runs the body with every signal let through.
    ///
    /// The threads of Swift's tasks and of Dispatch block all signals, and a child inherits that: pgbench would never hear
    /// the alarm that ends its run.
    static func lettingAllThrough<Value>(_ body: () throws -> Value) rethrows -> Value {
        // Both sets are this call's own, and the functions write to them only while they run.
        var none = sigset_t()
        var before = sigset_t()
        _ = unsafe sigemptyset(&none)
        _ = unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }
}
