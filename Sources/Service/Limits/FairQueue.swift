import NIOCore

/// The decisions of letting calls of many connections run in turn, without any effect.
///
/// So many may run; the others wait in a line a connection, and the lines take turns, so that who sends a thousand calls
/// waits behind his own and not everybody behind his.
struct FairQueue {
    /// One call that wants to run.
    struct Call {
        let ticket: Int
        /// The line it stands in.
        let connection: Int
        /// How much of the capacity it takes.
        let weight: Int
        /// Whether its caller is known; those who are not are sent away first.
        let isKnown: Bool
        /// Nanoseconds of a monotonic clock: when it came, and for how long it waits.
        let since: Int64
        let until: Int64
    }

    enum Entry: Equatable {
        case run
        case wait
        case refuse
        /// It waits, and this other call doesn't any more.
        case waitInsteadOf(Int)
    }

    private var capacity: Int
    private var waitingLimit: Int
    /// Nanoseconds after which the first in turn is late, and a line that is long is too long.
    private var lateness: Int64
    private var running = 0
    private var lines: [Int: [Call]] = [:]
    /// Connections with a line, the next first.
    private var turns = CircularBuffer<Int>()
    private var connections: [Int: Int] = [:]

    /// - Parameters:
    ///   - capacity: the sum of weights that may run.
    ///   - waiting: how many may wait while the line is late; sixteen times as many while it moves.
    init(capacity: Int, waiting: Int, lateness: Int64) {
        self.capacity = max(1, capacity)
        waitingLimit = max(1, waiting)
        self.lateness = lateness
    }

    init(_ limits: ServiceLimits) {
        self.init(
            capacity: limits.runningCost,
            waiting: limits.callsWaiting,
            lateness: limits.lineLate.nanoseconds
        )
    }

    /// Takes on other limits; those whose turn it is now may run.
    mutating func adopt(_ limits: ServiceLimits) -> [Int] {
        let fresh = FairQueue(limits)
        (capacity, waitingLimit, lateness) = (fresh.capacity, fresh.waitingLimit, fresh.lateness)
        return leave(0)
    }

    var waiting: Int { connections.count }

    mutating func enter(_ call: Call) -> Entry {
        if turns.isEmpty, running == 0 || running + call.weight <= capacity {
            running += call.weight
            return .run
        }
        guard isFull(at: call.since) else {
            append(call)
            return .wait
        }
        guard let victim = victim(for: call) else { return .refuse }
        _ = withdraw(victim)
        append(call)
        return .waitInsteadOf(victim)
    }

    /// A call has ended; those whose turn it is now may run.
    mutating func leave(_ weight: Int) -> [Int] {
        running -= weight
        var granted: [Int] = []
        while let connection = turns.first, let call = lines[connection]?.first,
            running == 0 || running + call.weight <= capacity
        {
            turns.removeFirst()
            remove(call, at: 0)
            if lines[connection] != nil { turns.append(connection) }
            running += call.weight
            granted.append(call.ticket)
        }
        return granted
    }

    /// A call leaves its line; false when it has left it before.
    mutating func withdraw(_ ticket: Int) -> Bool {
        guard let connection = connections[ticket], let line = lines[connection],
            let place = line.firstIndex(where: { $0.ticket == ticket })
        else { return false }
        remove(line[place], at: place)
        if lines[connection] == nil { turns.removeAll { $0 == connection } }
        return true
    }

    /// Those who have waited for long enough.
    mutating func expire(at now: Int64) -> [Int] {
        let late = lines.values.flatMap { $0.filter { $0.until <= now } }.map(\.ticket)
        for ticket in late { _ = withdraw(ticket) }
        return late
    }

    // MARK: Private

    private func isFull(at now: Int64) -> Bool {
        guard waiting >= waitingLimit else { return false }
        guard waiting < waitingLimit * 16, let next = turns.first, let call = lines[next]?.first else { return true }
        return now - call.since > lateness
    }

    /// Whom to send away so that the call may wait: the last who came of the longest line, of those first whose caller is
    /// not known. None if that is the call itself.
    private func victim(for call: Call) -> Int? {
        var (isKnown, length) = (call.isKnown, (lines[call.connection]?.count ?? 0) + 1)
        var victim: Int?
        for line in lines.values {
            guard let last = line.last(where: { !$0.isKnown }) ?? line.last else { continue }
            let goes: Bool
            if last.isKnown != isKnown {
                goes = isKnown
            } else if line.count != length {
                goes = line.count > length
            } else {
                // Of equals the later one, so that the outcome is the same each time.
                goes = victim.map { last.ticket > $0 } ?? false
            }
            if goes { (isKnown, length, victim) = (last.isKnown, line.count, last.ticket) }
        }
        return victim
    }

    private mutating func append(_ call: Call) {
        if lines[call.connection] == nil { turns.append(call.connection) }
        lines[call.connection, default: []].append(call)
        connections[call.ticket] = call.connection
    }

    private mutating func remove(_ call: Call, at place: Int) {
        lines[call.connection]?.remove(at: place)
        if lines[call.connection]?.isEmpty == true { lines[call.connection] = nil }
        connections[call.ticket] = nil
    }
}
