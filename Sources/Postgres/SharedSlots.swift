/// The decisions of spreading pipelined reads over a few shared connections, without any effect.
struct SharedSlots<Connection: AnyObject> {
    enum Request {
        case use(Connection, connect: Bool)
        case wait(connect: Bool)
        case fail(PostgresError)
    }

    let limit: Int
    private(set) var open: [Connection] = []
    private(set) var isConnecting = false
    private var waiters: [Int] = []
    private var breaker = Breaker()
    private var isClosed = false

    init(limit: Int) { self.limit = limit }

    /// Chooses the connection with the least to do; the slots are filled one by one as requests come.
    ///
    /// - Parameter load: what a connection has to do; `nil` for one that has failed, of which the end is yet to be
    ///   announced: whoever was just told of the failure may be back before that.
    mutating func request(_ waiter: Int, now: Int64, load: (Connection) -> Int?) -> Request {
        if isClosed { return .fail(.poolClosed) }
        open.removeAll { load($0) == nil }
        let failure = breaker.failure(now: now)
        let connect = !isConnecting && open.count < limit && failure == nil
        if connect { isConnecting = true }
        if let connection = open.min(by: { load($0) ?? .max < load($1) ?? .max }) {
            return .use(connection, connect: connect)
        }
        if let failure { return .fail(.connection(failure)) }
        waiters.append(waiter)
        return .wait(connect: connect)
    }

    /// Everybody who waited may use the new connection.
    mutating func connected(_ connection: Connection) -> (waiters: [Int], isWanted: Bool) {
        isConnecting = false
        breaker.reset()
        guard !isClosed else { return ([], false) }
        open.append(connection)
        defer { waiters = [] }
        return (waiters, true)
    }

    mutating func connectFailed(_ failure: ConnectionFailure, now: Int64, jitter: Double) -> [Int] {
        isConnecting = false
        breaker.open(failure, now: now, jitter: jitter)
        defer { waiters = [] }
        return waiters
    }

    mutating func lost(_ connection: Connection) { open.removeAll { $0 === connection } }

    mutating func withdraw(_ waiter: Int) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    mutating func close() -> (open: [Connection], waiters: [Int]) {
        isClosed = true
        defer {
            open = []
            waiters = []
        }
        return (open, waiters)
    }
}
