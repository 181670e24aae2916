import Glibc

/// Threads for work that blocks: libpq's connect and cancel, scripts, and the reactor's own loop. Swift's tasks run on a
/// small pool of threads that must not block.
enum Thread {
    /// Runs the body on a new detached thread.
    static func detach(_ body: @escaping @Sendable () -> Void) {
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
            // Out of threads: doing the work here is slow but loses nothing.
            start.release()
            return body()
        }
        pthread_detach(thread)
    }

    /// Runs a blocking body on a thread of its own and waits for it without blocking the caller's.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withUnsafeContinuation { continuation in
            detach { continuation.resume(returning: body()) }
        }
    }

    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
