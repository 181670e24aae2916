import Glibc

/// Threads for work that blocks: libpq's connect and cancel, scripts, and the reactor's own loop. Swift's tasks run on a
/// small pool of threads that must not block.
enum Thread {
    /// Runs the body on a new detached thread; false, and the body does not run, when the system has none left.
    static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard code == 0 else {
            start.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// Runs a blocking body on a thread of its own and waits for it without blocking the caller's.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withUnsafeContinuation { continuation in
            // Out of threads: doing the work here is slow but loses nothing.
            if !detach({ continuation.resume(returning: body()) }) { continuation.resume(returning: body()) }
        }
    }

    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
