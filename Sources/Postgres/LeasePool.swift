import DequeModule

/// The decisions of lending whole connections, without any effect: events go in, what to do comes out.
struct LeasePool<Connection: AnyObject> {
    enum Request {
        case lend(Connection)
        case wait(connect: Bool)
        case fail(PostgresError)
    }

    enum Return {
        case lend(Connection, to: Int)
        case park
        case discard(Connection, connect: Bool)
    }

    let limit: Int
    /// Last in, first out: the warmest connection is lent first and the others can grow old.
    private(set) var idle: [Connection] = []
    private(set) var lent = 0
    private(set) var isConnecting = false
    private var waiters = Deque<Int>()
    private var breaker = Breaker()
    private var isClosed = false

    init(limit: Int) { self.limit = limit }

    private var mayConnect: Bool { !isConnecting && idle.count + lent < limit }

    mutating func request(_ waiter: Int, now: Int64) -> Request {
        if isClosed { return .fail(.poolClosed) }
        if let connection = idle.popLast() {
            lent += 1
            return .lend(connection)
        }
        if lent == 0, let failure = breaker.failure(now: now) { return .fail(.connection(failure)) }
        waiters.append(waiter)
        // A server that has just refused us is asked again after the pause, by ``retry()``.
        guard mayConnect, breaker.failure(now: now) == nil else { return .wait(connect: false) }
        isConnecting = true
        return .wait(connect: true)
    }

    /// A connection was made. Also says whether to make another for those who still wait.
    mutating func connected(_ connection: Connection) -> (Return, connect: Bool) {
        isConnecting = false
        breaker.reset()
        if isClosed { return (.discard(connection, connect: false), false) }
        let decision = hand(connection)
        let connect = !waiters.isEmpty && mayConnect
        if connect { isConnecting = true }
        return (decision, connect)
    }

    /// No connection could be made: those who wait learn it now, unless connections are out on loan, for then the line
    /// still moves.
    ///
    /// - Returns: who learns it, and in how many nanoseconds to ``retry()`` for those who stay.
    mutating func connectFailed(
        _ failure: ConnectionFailure,
        now: Int64,
        jitter: Double
    ) -> (failed: [Int], retryIn: Int64) {
        isConnecting = false
        let pause = breaker.open(failure, now: now, jitter: jitter)
        guard lent == 0 else { return ([], pause) }
        defer { waiters.removeAll() }
        return (Array(waiters), pause)
    }

    /// The pause after a failed try is over; says whether to make a connection.
    mutating func retry() -> Bool {
        guard !waiters.isEmpty, mayConnect, !isClosed else { return false }
        isConnecting = true
        return true
    }

    mutating func returned(_ connection: Connection, isReusable: Bool) -> Return {
        lent -= 1
        guard isReusable, !isClosed else {
            let connect = !waiters.isEmpty && mayConnect && !isClosed
            if connect { isConnecting = true }
            return .discard(connection, connect: connect)
        }
        return hand(connection)
    }

    /// An idle connection was closed by the server.
    mutating func lost(_ connection: Connection) { idle.removeAll { $0 === connection } }

    /// A waiter leaves the line; false when it was served already.
    mutating func withdraw(_ waiter: Int) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    mutating func close() -> (idle: [Connection], waiters: [Int]) {
        isClosed = true
        defer {
            idle = []
            waiters = []
        }
        return (idle, Array(waiters))
    }

    private mutating func hand(_ connection: Connection) -> Return {
        guard let waiter = waiters.popFirst() else {
            idle.append(connection)
            return .park
        }
        lent += 1
        return .lend(connection, to: waiter)
    }
}

/// Keeps callers from queueing for a server that just refused us: until the pause is over they fail at once.
struct Breaker {
    private var attempts = 0
    private var openUntil: Int64 = .min
    private var lastFailure: ConnectionFailure?

    /// Nanoseconds: 0.1 s doubling to 5 s.
    private static let shortest: Int64 = 100_000_000
    private static let longest: Int64 = 5_000_000_000

    func failure(now: Int64) -> ConnectionFailure? { now < openUntil ? lastFailure : nil }

    /// - Parameter jitter: 0..<1, spreads the next attempts of many clients over half the pause.
    /// - Returns: the pause in nanoseconds.
    @discardableResult
    mutating func open(_ failure: ConnectionFailure, now: Int64, jitter: Double) -> Int64 {
        let longest = min(Self.longest, Self.shortest << min(attempts, 10))
        let pause = Int64(Double(longest) * (0.5 + jitter / 2))
        attempts += 1
        openUntil = now + pause
        lastFailure = failure
        return pause
    }

    mutating func reset() { self = Breaker() }
}
