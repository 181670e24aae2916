package import Logging
import ServiceLifecycle
import UnixSignals

/// Reads on SIGHUP what may change while the service runs, and drops no connection for it.
package struct ReloadService: Service {
    private let identity: TLSIdentity?
    private let limits: @Sendable () async throws -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - identity: the certificate of the encrypted listener, where there is one.
    ///   - limits: reads the limits anew and has them taken on; throws for those that can't be used.
    package init(
        identity: TLSIdentity?,
        limits: @escaping @Sendable () async throws -> Void,
        logger: Logger
    ) {
        self.identity = identity
        self.limits = limits
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                do {
                    try identity?.reload()
                    try await limits()
                    logger.notice("settings read anew", metadata: ["tls": "\(identity != nil)"])
                } catch {
                    logger.error("what was read before stays in use", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
