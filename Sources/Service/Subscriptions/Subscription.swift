import Access

/// One subscription of a connection.
struct Subscription: Sendable {
    let name: String
    let topics: Set<Topic>
    /// The requests and feedback that it follows; `nil` for all of them.
    let objects: Set<String>?
    /// The parks whose requests, feedback and jobs it may see; `nil` for all.
    let parks: Set<String>?
    /// What its holder has shown, if it depends on that.
    let credential: Credential?
    /// The last number that was dealt with.
    var position: Int64
    /// Where the numbers stood when it was opened: what is older is read as fast as the client takes it.
    let openedAt: Int64
    /// How many newer events it was told in which second.
    fileprivate var told = (second: Int64.min, count: 0)

    init(
        name: String,
        topics: Set<Topic>,
        objects: Set<String>?,
        parks: Set<String>?,
        credential: Credential?,
        position: Int64,
        openedAt: Int64
    ) {
        self.name = name
        self.topics = topics
        self.objects = objects
        self.parks = parks
        self.credential = credential
        self.position = position
        self.openedAt = openedAt
    }

    /// Whether it has been told enough for this second.
    fileprivate func isFull(in second: Int64) -> Bool { told.second == second && told.count >= Self.eventsPerSecond }

    fileprivate mutating func count(_ events: [Event], in second: Int64) {
        if told.second != second { told = (second, 0) }
        told.count += events.count { $0.seq > openedAt }
    }

    /// What happens beyond it waits for the next second, and then of several events about the same thing the last is told.
    static let eventsPerSecond = 50

    /// Whether it is for this subscription to tell.
    func wants(_ event: Event) -> Bool {
        guard event.seq > position, topics.contains(event.topic) else { return false }
        if event.topic.isPublic { return true }
        if event.topic.hasOwner, let objects { return objects.contains(event.object) }
        guard let parks else { return true }
        return event.park.map(parks.contains) ?? false
    }
}

/// The subscriptions of a connection, bound to its event loop.
///
/// A subscription takes batches as long as they follow each other without a hole. After a hole, whether it had just begun,
/// asked for what was before, had enough for a second, or its client read too slowly, it is behind: it reads from the
/// database until it has caught up. So nothing is ever kept for it in memory.
struct SubscriptionSet {
    private(set) var all: [Subscription] = []
    /// The end of the last batch that came.
    private var seen: Int64 = 0
    /// Those that are reading from the database.
    private var reading: Set<String> = []

    var isEmpty: Bool { all.isEmpty }
    var count: Int { all.count }
    var credentials: Set<Credential> { Set(all.compactMap(\.credential)) }

    mutating func add(_ subscription: Subscription) { all.append(subscription) }

    /// Removes a subscription; false when there is none of this name.
    mutating func remove(_ name: String) -> Bool {
        guard let index = all.firstIndex(where: { $0.name == name }) else { return false }
        all.remove(at: index)
        return true
    }

    /// Removes those that depend on some of these.
    mutating func remove(holding credentials: Set<Credential>) -> [Subscription] {
        let gone = all.filter { $0.credential.map(credentials.contains) ?? false }
        all.removeAll { $0.credential.map(credentials.contains) ?? false }
        return gone
    }

    /// Takes a batch for all that it follows on without a hole.
    ///
    /// - Parameters:
    ///   - isWritable: whether the client takes what it is sent; else all fall behind.
    ///   - second: of a monotonic clock.
    /// - Returns: what is to be told.
    mutating func take(
        _ batch: EventBatch,
        isWritable: Bool,
        in second: Int64
    ) -> [(subscription: Subscription, events: [Event])] {
        seen = max(seen, batch.last)
        guard isWritable else { return [] }
        var told: [(subscription: Subscription, events: [Event])] = []
        for index in all.indices
        where batch.after <= all[index].position && !reading.contains(all[index].name) && !all[index].isFull(in: second)
        {
            if let part = take(batch, at: index, in: second) { told.append(part) }
        }
        return told
    }

    /// Whether one is behind that has to wait for the next second.
    func isHeldBack(in second: Int64) -> Bool { all.contains { $0.position < seen && $0.isFull(in: second) } }

    /// The next subscription that is behind, which counts as reading from now on.
    mutating func nextBehind(in second: Int64) -> Subscription? {
        let found = all.first { $0.position < seen && !reading.contains($0.name) && !$0.isFull(in: second) }
        guard let found else { return nil }
        reading.insert(found.name)
        return found
    }

    /// Has a new subscription read what was before it began.
    mutating func lookBack(to last: Int64) { seen = max(seen, last) }

    /// Takes what a subscription has read; `nil` when it was closed meanwhile.
    mutating func finishReading(
        _ name: String,
        _ batch: EventBatch?,
        in second: Int64
    ) -> (subscription: Subscription, events: [Event])? {
        reading.remove(name)
        guard let batch, let index = all.firstIndex(where: { $0.name == name }) else { return nil }
        return take(batch, at: index, in: second) ?? (all[index], [])
    }

    private mutating func take(
        _ batch: EventBatch,
        at index: Int,
        in second: Int64
    ) -> (subscription: Subscription, events: [Event])? {
        let subscription = all[index]
        all[index].position = max(subscription.position, batch.last)
        let events = batch.events.filter(subscription.wants).coalesced
        all[index].count(events, in: second)
        return events.isEmpty ? nil : (subscription, events)
    }
}
