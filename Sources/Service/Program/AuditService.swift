package import Access
package import Logging
import Postgres
import ServiceLifecycle

/// Seals the audit log's entries while a program runs, and once more at its end.
package struct AuditService: Service {
    private let audit: Audit
    private let outages: OutageLog

    package init(audit: Audit, logger: Logger) {
        self.audit = audit
        outages = OutageLog(
            logger,
            failing: "the audit log's entries can't be sealed",
            working: "the audit log's entries are sealed again"
        )
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await seal()
                try? await Task.sleep(for: Self.interval)
            }
        }
        await seal()
    }

    private func seal() async {
        do {
            _ = try await audit.seal(until: .after(.seconds(5)))
            outages.worked()
        } catch {
            if !Task.isCancelled { outages.failed("\(error)") }
        }
    }

    private static let interval = Duration.seconds(1)
}
