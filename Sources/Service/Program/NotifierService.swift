package import JobQueue
import ServiceLifecycle

/// Tells workers of the jobs that a program enqueues, as one of its services.
package struct NotifierService: Service {
    private let notifier: Notifier

    package init(notifier: Notifier) { self.notifier = notifier }

    package func run() async throws {
        await cancelWhenGracefulShutdown { await notifier.run() }
    }
}
