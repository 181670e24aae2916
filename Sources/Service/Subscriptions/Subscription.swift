/// One subscription of a connection.
struct Subscription: Sendable {
    let name: String
    let topics: Set<Topic>
    /// The requests and feedback that it follows; `nil` for all of them.
    let objects: Set<String>?
    /// The parks whose requests, feedback and jobs it may see; `nil` for all.
    let parks: Set<String>?
    /// The token that it depends on.
    let token: String?
    /// The last number that was dealt with.
    var position: Int64

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
/// asked for what was before, or its client read too slowly, it is behind: it reads from the database until it has caught
/// up. So nothing is ever kept for it in memory.
struct SubscriptionSet {
    private(set) var all: [Subscription] = []
    /// The end of the last batch that came.
    private var seen: Int64 = 0
    /// Those that are reading from the database.
    private var reading: Set<String> = []

    var isEmpty: Bool { all.isEmpty }
    var count: Int { all.count }
    var tokens: Set<String> { Set(all.compactMap(\.token)) }

    mutating func add(_ subscription: Subscription) { all.append(subscription) }

    /// Removes a subscription; false when there is none of this name.
    mutating func remove(_ name: String) -> Bool {
        guard let index = all.firstIndex(where: { $0.name == name }) else { return false }
        all.remove(at: index)
        return true
    }

    /// Removes those that depend on tokens.
    mutating func remove(holding tokens: Set<String>) -> [Subscription] {
        let gone = all.filter { $0.token.map(tokens.contains) ?? false }
        all.removeAll { $0.token.map(tokens.contains) ?? false }
        return gone
    }

    /// Takes a batch for all that it follows on without a hole.
    ///
    /// - Parameter isWritable: whether the client takes what it is sent; else all fall behind.
    /// - Returns: what is to be told.
    mutating func take(_ batch: EventBatch, isWritable: Bool) -> [(subscription: Subscription, events: [Event])] {
        seen = max(seen, batch.last)
        guard isWritable else { return [] }
        var told: [(subscription: Subscription, events: [Event])] = []
        for index in all.indices where batch.after <= all[index].position && !reading.contains(all[index].name) {
            if let part = take(batch, at: index) { told.append(part) }
        }
        return told
    }

    /// The next subscription that is behind, which counts as reading from now on.
    mutating func nextBehind() -> Subscription? {
        guard let found = all.first(where: { $0.position < seen && !reading.contains($0.name) }) else { return nil }
        reading.insert(found.name)
        return found
    }

    /// Has a new subscription read what was before it began.
    mutating func lookBack(to last: Int64) { seen = max(seen, last) }

    /// Takes what a subscription has read; `nil` when it was closed meanwhile.
    mutating func finishReading(_ name: String, _ batch: EventBatch?) -> (subscription: Subscription, events: [Event])?
    {
        reading.remove(name)
        guard let batch, let index = all.firstIndex(where: { $0.name == name }) else { return nil }
        return take(batch, at: index) ?? (all[index], [])
    }

    private mutating func take(_ batch: EventBatch, at index: Int) -> (subscription: Subscription, events: [Event])? {
        let subscription = all[index]
        all[index].position = max(subscription.position, batch.last)
        let events = batch.events.filter(subscription.wants).coalesced
        return events.isEmpty ? nil : (subscription, events)
    }
}
