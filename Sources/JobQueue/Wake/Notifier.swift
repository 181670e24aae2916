package import Postgres
import Synchronization

/// Tells idle workers of new jobs, so that they need not find them by looking.
///
/// Whoever has enqueued and committed marks the job's kind, which costs a look into a set; a task of its own, over a
/// connection of its own, says it to the workers, all that came together meanwhile at once. Never within the producer's
/// transaction: the server lets one transaction at a time commit a notification, so each such enqueue would wait for the
/// disk writes of all before it. Nothing depends on a notification: where it is lost a worker looks a moment later.
package final class Notifier: Sendable {
    private let configuration: PostgresConfiguration
    private let pause: Duration
    private let unsent = Mutex<Set<String>>([])
    private let marked = WakeUp()

    /// How long to leave a database in peace that could not be told.
    private static let retryPause: Duration = .seconds(1)

    /// - Parameter pause: the least time between two notifications. The first after a quiet time goes out at once, and whom it
    ///   wakes looks again soon by itself, so a longer pause delays nobody.
    package init(_ configuration: PostgresConfiguration, pause: Duration = .milliseconds(10)) {
        var configuration = configuration
        configuration.applicationName += " notifier"
        configuration.leasedConnections = 1
        self.configuration = configuration
        self.pause = pause
    }

    /// Has the workers of a kind told that there is a new job: one that is committed, or they would look too early.
    ///
    /// Returns at once, whatever the database does.
    package func mark(_ kind: String) {
        guard unsent.withLock({ $0.insert(kind).inserted }) else { return }
        marked.wake()
    }

    /// Tells the workers until the task is cancelled.
    package func run() async {
        let pool = Pool(configuration)
        defer { pool.close() }
        // So that the first mark need not wait for a connection.
        try? await pool.check(until: .after(.seconds(5)))
        while await marked.wait() {
            await tell(over: pool)
            try? await Task.sleep(for: pause)
        }
    }

    /// Has every idle worker look at once, for a program that ends before ``run()`` would be of use.
    package static func wakeAll(over pool: Pool) async {
        _ = try? await pool.execute(NotifyListeners.wake([NotifyListeners.everyKind]), until: .after(.seconds(1)))
    }

    private func tell(over pool: Pool) async {
        let kinds = unsent.withLock { unsent in
            defer { unsent.removeAll() }
            return unsent
        }
        do {
            _ = try await pool.execute(NotifyListeners.wake(kinds.sorted()), until: .after(.seconds(5)))
        } catch {
            switch error {
            // Said again it would be refused again.
            case .server, .decoding, .rolledBack, .cancelled, .poolClosed: break
            case .connection, .commitUnknown, .timedOut:
                unsent.withLock { $0.formUnion(kinds) }
                marked.wake()
                await Worker.pause(Self.retryPause)
            }
        }
    }
}

/// Says words on a channel in a commit of its own.
struct NotifyListeners: Command {
    static let sql = SQL("notify_listeners", PackageResources.notify_listeners_sql)
    let channel: String
    let words: [String]

    func bind(to parameters: inout Parameters) {
        parameters.append(channel)
        parameters.append(PostgresArray(words))
    }
}

extension NotifyListeners {
    /// Where workers listen; a notification is the kind of a job that is due.
    static let wakeChannel = "queue_wake"
    /// What is said where the kinds are not known.
    static let everyKind = ""

    static func wake(_ kinds: [String]) -> Self { Self(channel: wakeChannel, words: kinds) }
}
