package import Logging
import ServiceLifecycle
import UnixSignals

/// Reads on SIGHUP what may change while the service runs, and drops no connection for it.
package struct ReloadService: Service {
    private let identity: TLSIdentity?
    private let logger: Logger

    /// - Parameter identity: the certificate of the encrypted listener, where there is one.
    package init(identity: TLSIdentity?, logger: Logger) {
        self.identity = identity
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                do {
                    try identity?.reload()
                    logger.notice("settings read anew", metadata: ["tls": "\(identity != nil)"])
                } catch {
                    logger.error("what was read before stays in use", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
