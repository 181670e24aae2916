package import Postgres
import Synchronization

/// How an idle worker learns of new jobs.
package struct WakeConfiguration: Sendable {
    /// Where to listen for what a ``Notifier`` says; `nil` is to look now and then only. The connection must be one that
    /// no transaction pooler stands in.
    package var listener: PostgresConfiguration?
    /// How long an idle worker that hears waits at most before it claims unasked, jittered as the worker's own. Of jobs
    /// of plain SQL and of those whose time has come, of which no notification tells, its heartbeat does.
    package var pollInterval: Duration = .seconds(10)
    /// How often the listener says something to itself, for a connection may be dead and show no sign of it.
    package var echoInterval: Duration = .seconds(10)
    /// How long that may take until the listener counts as deaf.
    package var echoPatience: Duration = .seconds(5)
}

/// Listens for new jobs over a connection of its own and calls the worker's claiming loop.
///
/// Half-open connections look as quiet ones do, and behind a transaction pooler a `LISTEN` succeeds and nothing ever comes.
/// So it says something to itself over the worker's pool now and then. It is trusted while that is heard; when it is not,
/// the connection is replaced.
final class WakeListener: Sendable {
    private let pool: Pool
    private let configuration: PostgresConfiguration
    private let settings: WakeConfiguration
    private let kinds: Set<String>
    private let wakeUp: WakeUp
    private let observer: @Sendable (QueueEvent) -> Void
    /// `nil` until the first echo came or failed to come.
    private let hears = Mutex<Bool?>(nil)

    /// One connection, from its `LISTEN` to its end.
    private struct Ear: Sendable {
        /// Nobody else's.
        let channel = "queue_echo_" + String(UInt64.random(in: .min ... .max), radix: 16)
        /// Called each time listening has begun.
        let isOpen = WakeUp()
        let echo = Echo()
    }

    /// The last word that came back.
    private final class Echo: Sendable {
        private let last = Atomic(0)
        private let hasCome = WakeUp()

        func record(_ number: Int) {
            last.store(number, ordering: .releasing)
            hasCome.wake()
        }

        /// Waits for this number or a later one.
        func waits(for number: Int, atMost limit: Duration) async -> Bool {
            let end = ContinuousClock.now + limit
            while last.load(ordering: .acquiring) < number {
                guard await hasCome.wait(atMost: ContinuousClock.now.duration(to: end)) else { break }
            }
            return last.load(ordering: .acquiring) >= number
        }
    }

    /// - Parameters:
    ///   - pool: where it says its words, on other connections than the listener's.
    ///   - wakeUp: what the claiming loop waits on.
    init(
        pool: Pool,
        listener: PostgresConfiguration,
        settings: WakeConfiguration,
        kinds: [String],
        wakeUp: WakeUp,
        observer: @escaping @Sendable (QueueEvent) -> Void
    ) {
        self.pool = pool
        var configuration = listener
        configuration.applicationName += " listener"
        self.configuration = configuration
        self.settings = settings
        self.kinds = Set(kinds)
        self.wakeUp = wakeUp
        self.observer = observer
    }

    /// Whether new jobs will be heard of, as of the last echo.
    var isTrusted: Bool { hears.withLock { $0 == true } }

    /// Listens until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let wasTrusted = await listen()
            if Task.isCancelled { break }
            note(false, "nothing comes through")
            // A connection that never worked will not the next moment either.
            if !wasTrusted { await Worker.pause(settings.echoInterval) }
        }
    }

    /// Listens over one connection and those that replace it when it is seen to be lost, until it proves deaf; true if it
    /// ever heard.
    private func listen() async -> Bool {
        let ear = Ear()
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.hear(with: ear)
                return false
            }
            group.addTask { await self.probe(ear) }
            // The probe's: hearing ends with its task only.
            let heard = await group.next() ?? false
            group.cancelAll()
            return heard
        }
    }

    private func hear(with ear: Ear) async {
        let channels = [NotifyListeners.wakeChannel, ear.channel]
        for await event in Notifications(configuration, channels: channels).events() {
            switch event {
            case .resync:
                ear.isOpen.wake()
                wakeUp.wake()
            case .notification(let notification) where notification.channel == ear.channel:
                ear.echo.record(Int(notification.payload) ?? 0)
            case .notification(let notification):
                if concerns(notification.payload) { wakeUp.wake() }
            }
        }
    }

    func concerns(_ kind: String) -> Bool { kind == NotifyListeners.everyKind || kinds.contains(kind) }

    /// Says something again and again until it is not heard; true if it ever was.
    private func probe(_ ear: Ear) async -> Bool {
        guard await ear.isOpen.wait() else { return false }
        var (number, hasHeard) = (0, false)
        while !Task.isCancelled {
            number += 1
            if await say(number, to: ear) {
                guard await ear.echo.waits(for: number, atMost: settings.echoPatience) else { break }
                hasHeard = true
                note(true, "")
            }
            // Once more as soon as a lost connection was replaced.
            await ear.isOpen.wait(atMost: settings.echoInterval * .random(in: 0.5...1))
        }
        return hasHeard
    }

    /// False when it could not be said, which tells nothing of the listener's connection.
    private func say(_ number: Int, to ear: Ear) async -> Bool {
        let word = NotifyListeners(channel: ear.channel, words: ["\(number)"])
        do {
            _ = try await pool.execute(word, until: .after(settings.echoPatience))
            return true
        } catch {
            if !Task.isCancelled { note(false, "\(error)") }
            return false
        }
    }

    private func note(_ hears: Bool, _ reason: String) {
        let isNews = self.hears.withLock { known in
            defer { known = hears }
            return known != hears
        }
        guard isNews else { return }
        // Its next pause is to be another.
        wakeUp.wake()
        observer(hears ? .listening : .deaf(reason: reason))
    }
}
