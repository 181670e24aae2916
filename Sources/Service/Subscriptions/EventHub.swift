import Access
import Logging
import Postgres
import Synchronization

/// Reads what happened, once for all subscriptions of a process, and hands it to their connections.
///
/// It looks ten times a second while anybody is subscribed; a ``ChangeListener`` only makes it look sooner, so one that is
/// deaf delays nothing by more than that. It keeps nothing for slow connections: who has missed a batch reads it
/// from the database, where it stands for a day.
final class EventHub: Sendable {
    /// A connection with subscriptions, as the hub sees it.
    struct Subscriber: Sendable {
        /// What its subscriptions depend on.
        var credentials: Set<Credential>
        /// Takes a batch over; called on any thread, must not block.
        let deliver: @Sendable (EventBatch) -> Void
    }

    private struct State {
        var subscribers: [Int: Subscriber] = [:]
        /// Up to which number all subscribers were told.
        var position: Int64 = 0
        var task: Task<Void, Never>?
        var wakeUp: AsyncStream<Void>.Continuation?
        var lastID = 0
    }

    private let pool: Pool
    private let tokens: Tokens
    private let outages: OutageLog
    private let replayOutages: OutageLog
    private let state = Mutex(State())

    init(pool: Pool, tokens: Tokens, logger: Logger) {
        self.pool = pool
        self.tokens = tokens
        outages = OutageLog(logger, failing: "events can't be read", working: "events can be read again")
        replayOutages = OutageLog(
            logger,
            failing: "events can't be sent again to who missed them",
            working: "events can be sent again to who missed them"
        )
    }

    // MARK: Subscribers

    /// A name for a new subscription, unique in this process.
    func nextName() -> String {
        state.withLock { state in
            state.lastID += 1
            return "s\(state.lastID)"
        }
    }

    /// Adds a connection, or replaces what is known of it. The hub works as long as there is one.
    ///
    /// - Parameter last: where the numbers stood when its subscription was opened.
    /// - Returns: up to which number batches will not come any more.
    func attach(_ connection: Int, _ subscriber: Subscriber, at last: Int64) -> Int64 {
        state.withLock { state in
            state.subscribers[connection] = subscriber
            if state.task == nil {
                state.position = last
                let (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                state.wakeUp = wakeUp
                state.task = Task { await run(wakeUps, wakeUp) }
            }
            return state.position
        }
    }

    func detach(_ connection: Int) {
        state.withLock { state in
            state.subscribers[connection] = nil
            guard state.subscribers.isEmpty else { return }
            state.task?.cancel()
            state.task = nil
        }
    }

    var isWorking: Bool { state.withLock { $0.task != nil } }

    /// Has it look now, for whoever heard that there is something new.
    func wake() { state.withLock { $0.wakeUp }?.yield() }

    // MARK: Reading

    /// Where the numbers stand, with all numbered that is committed.
    func bounds(until deadline: Deadline) async throws(PostgresError) -> StreamBounds.Row {
        _ = try await pool.execute(NumberEvents(), until: deadline)
        return try await pool.execute(StreamBounds(), until: deadline)
    }

    /// What one subscription missed: a page of it, and what of it is lost; `nil` while events can't be read.
    func replay(
        after position: Int64,
        topics: Set<Topic>,
        until deadline: Deadline
    ) async -> (gaps: [EventGap], batch: EventBatch)? {
        do {
            let page = try await page(after: position, topics: topics, until: deadline)
            replayOutages.worked()
            return page
        } catch {
            replayOutages.failed("\(error)")
            return nil
        }
    }

    private func page(
        after position: Int64,
        topics: Set<Topic>,
        until deadline: Deadline
    ) async throws(PostgresError) -> (gaps: [EventGap], batch: EventBatch) {
        let bounds = try await pool.execute(StreamBounds(), until: deadline)
        let (start, gaps) = bounds.start(after: position, topics: topics)
        let events = try await pool.execute(
            ReadEvents(after: start, upTo: bounds.last, topics: Array(topics), count: Self.page),
            until: deadline
        )
        let last = events.count == Self.page ? events.last?.seq ?? bounds.last : max(bounds.last, position)
        return (gaps, EventBatch(after: position, last: last, events: events))
    }

    static let page = 500
    /// The most events that a subscription is given again.
    static let mostReplayed: Int64 = 10_000

    // MARK: Working

    private func run(_ wakeUps: AsyncStream<Void>, _ wakeUp: AsyncStream<Void>.Continuation) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: Self.interval)
                    wakeUp.yield()
                }
                wakeUp.finish()
            }
            await work(wakeUps)
            group.cancelAll()
        }
    }

    private func work(_ wakeUps: AsyncStream<Void>) async {
        var checked = ContinuousClock.now
        for await _ in wakeUps where !Task.isCancelled {
            do {
                let deadline = Deadline.after(.seconds(10))
                guard let last = try await pool.execute(NumberEvents(), until: deadline) else { continue }
                outages.worked()
                var revoked: Set<Credential> = []
                if checked.duration(to: .now) >= .seconds(1) {
                    checked = .now
                    revoked = try await revokedCredentials(until: deadline)
                }
                let start = state.withLock { $0.position }
                guard last > start || !revoked.isEmpty else { continue }
                try await read(from: start, to: last, revoked, until: deadline)
            } catch {
                guard !Task.isCancelled else { return }
                // What happens meanwhile is read when it works again.
                outages.failed("\(error)")
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Reads up to a number and hands it out, page by page.
    private func read(
        from start: Int64,
        to last: Int64,
        _ revoked: Set<Credential>,
        until deadline: Deadline
    ) async throws(PostgresError) {
        var position = start
        repeat {
            let events = try await pool.execute(
                ReadEvents(after: position, upTo: last, topics: Topic.allCases, count: Self.page),
                until: deadline
            )
            let end = events.count == Self.page ? events.last?.seq ?? last : last
            deliver(EventBatch(after: position, last: end, events: events, revoked: revoked))
            position = end
        } while position < last
    }

    private func deliver(_ batch: EventBatch) {
        // Together: who is attached later learns that this batch is over.
        let subscribers = state.withLock { state in
            state.position = batch.last
            return Array(state.subscribers.values)
        }
        for subscriber in subscribers { subscriber.deliver(batch) }
    }

    private func revokedCredentials(until deadline: Deadline) async throws(PostgresError) -> Set<Credential> {
        let held = state.withLock { state in
            state.subscribers.values.reduce(into: Set<Credential>()) { $0.formUnion($1.credentials) }
        }
        var revoked: Set<Credential> = []
        for credential in held {
            let holder = try await tokens.principal(for: credential, until: deadline)
            if holder?.token == nil { revoked.insert(credential) }
        }
        return revoked
    }

    private static let interval = Duration.milliseconds(100)
}

extension StreamBounds.Row {
    /// Where a replay begins that should begin behind a number, and what lies between.
    func start(after position: Int64, topics: Set<Topic>) -> (start: Int64, gaps: [EventGap]) {
        var start = position
        var gaps: [EventGap] = []
        func skip(to end: Int64, _ reason: EventGap.Reason) {
            guard end > start else { return }
            gaps.append(EventGap(from: start + 1, to: end, reason: reason))
            start = end
        }
        skip(to: pruned, .expired)
        skip(to: last - EventHub.mostReplayed, .tooMany)
        // The other topics go on where they were.
        if topics.contains(.jobFinished), jobsSince - 1 > start {
            gaps.append(EventGap(from: start + 1, to: min(jobsSince - 1, last), reason: .notRecorded))
        }
        return (start, gaps)
    }
}
