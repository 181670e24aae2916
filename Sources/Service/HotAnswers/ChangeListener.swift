import Catalog
import NIOCore
package import Postgres
import ServiceLifecycle

/// The one connection on which a process is told of what others change.
///
/// A connection may be dead and show no sign of it, and behind a transaction pooler nothing ever comes: so it says a word to
/// itself now and then, and answers are given from memory only for some time after the last one that was heard.
package struct ChangeListener: Service {
    private let configuration: PostgresConfiguration
    private let backend: Backend
    private let hot: HotAnswers?
    private let now: @Sendable () -> Int64
    /// Nobody else's.
    private let echo = "service_echo_" + String(UInt64.random(in: .min ... .max), radix: 16)

    /// - Parameters:
    ///   - configuration: of the connection; no transaction pooler may stand in it.
    ///   - hot: the answers that are in use only while news are heard.
    package init(_ configuration: PostgresConfiguration, backend: Backend, hot: HotAnswers?) {
        self.init(configuration, backend: backend, hot: hot) { Int64(NIODeadline.now().uptimeNanoseconds) }
    }

    init(
        _ configuration: PostgresConfiguration,
        backend: Backend,
        hot: HotAnswers?,
        now: @escaping @Sendable () -> Int64
    ) {
        var configuration = configuration
        configuration.applicationName += " listener"
        self.configuration = configuration
        self.backend = backend
        self.hot = hot
        self.now = now
    }

    package func run() async throws { await cancelWhenGracefulShutdown { await listen() } }

    /// Listens until the task is cancelled.
    func listen() async {
        await withDiscardingTaskGroup { group in
            let (beats, beat) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            group.addTask { await hear(beat) }
            guard let hot else { return }
            group.addTask {
                while !Task.isCancelled {
                    beat.yield()
                    try? await Task.sleep(for: Self.interval)
                }
                beat.finish()
            }
            for await _ in beats where !Task.isCancelled { await say(hot) }
        }
        hot?.lost()
    }

    private func hear(_ beat: AsyncStream<Void>.Continuation) async {
        let channels = [Self.catalogue, echo, Self.events]
        for await event in Notifications(configuration, channels: channels).events(whenLost: { hot?.lost() }) {
            switch event {
            case .resync:
                backend.lookup.forgetWords()
                hot?.forget(.reconnect)
                backend.events.wake()
                beat.yield()
            case .notification(let notification) where notification.channel == Self.catalogue:
                if notification.payload == Self.words { backend.lookup.forgetWords() }
                hot?.forget(.change)
            case .notification(let notification) where notification.channel == echo: take(notification.payload)
            case .notification: backend.events.wake()
            }
        }
    }

    // MARK: Words to itself

    private func say(_ hot: HotAnswers) async {
        let word = SayWord(channel: echo, word: "\(hot.connection) \(now())")
        // A word that could not be said is one that is not heard.
        _ = try? await backend.pool.execute(word, until: .after(Self.interval))
    }

    private func take(_ word: String) {
        let parts = word.split(separator: " ")
        guard parts.count == 2, let connection = Int(parts[0]), let saidAt = Int64(parts[1]) else { return }
        hot?.trust(connection, until: saidAt + Self.trust.nanoseconds)
    }

    private static let catalogue = "catalog_changed"
    private static let events = "service_event"
    /// What is said there when the words have changed that are kept in memory.
    private static let words = "words"
    private static let interval = Duration.seconds(3)
    private static let trust = Duration.seconds(10)
}

/// Says a word on a channel, to hear whether it comes back.
struct SayWord: Postgres.Command {
    static let sql = SQL("say_word", PackageResources.say_word_sql)
    let channel: String
    let word: String

    func bind(to parameters: inout Parameters) {
        parameters.append(channel)
        parameters.append(word)
    }
}
