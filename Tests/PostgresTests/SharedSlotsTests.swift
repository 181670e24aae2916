import Testing

@testable import Postgres

private let refused = ConnectionFailure(stage: .connect, message: "refused")

@Suite("The shared slots' decisions")
struct SharedSlotsTests {
    private var slots = SharedSlots<Token>(limit: 2)

    @Test("everybody who waited uses the first connection")
    mutating func firstConnection() {
        #expect(slots.request(1, now: 0, load: { _ in 0 }).waits == .some(true))
        #expect(slots.request(2, now: 0, load: { _ in 0 }).waits == .some(false))
        let connection = Token()
        let (waiters, isWanted) = slots.connected(connection)
        #expect(waiters == [1, 2])
        #expect(isWanted)
    }

    @Test("the slots are filled one by one as requests come, without making anybody wait")
    mutating func fills() {
        let first = openOne()
        let (used, connect) = slots.request(2, now: 0, load: { _ in 0 }).use
        #expect(used === first && connect)
        let again = slots.request(3, now: 0, load: { _ in 0 }).use
        #expect(again.connection === first && !again.connect, "one attempt at a time")
        _ = slots.connected(Token())
        #expect(!slots.request(4, now: 0, load: { _ in 0 }).use.connect, "the limit is reached")
        #expect(slots.open.count == 2)
    }

    @Test("the connection with the least to do is chosen")
    mutating func leastBusy() {
        let first = openOne()
        _ = slots.request(2, now: 0, load: { _ in 0 })
        let second = Token()
        _ = slots.connected(second)
        #expect(slots.request(3, now: 0, load: { $0 === first ? 5 : 3 }).use.connection === second)
        #expect(slots.request(4, now: 0, load: { $0 === first ? 2 : 3 }).use.connection === first)
    }

    @Test("a refusal fails those who wait, and later ones at once until the pause is over")
    mutating func refusal() {
        _ = slots.request(1, now: 0, load: { _ in 0 })
        #expect(slots.connectFailed(refused, now: 0, jitter: 0) == [1])
        #expect(slots.request(2, now: 49_999_999, load: { _ in 0 }).failure?.connection?.message == "refused")
        #expect(slots.request(3, now: 50_000_000, load: { _ in 0 }).waits == .some(true))
    }

    @Test("a refusal leaves the open connections in use")
    mutating func refusalWithOpen() {
        let first = openOne()
        _ = slots.request(2, now: 0, load: { _ in 0 })
        #expect(slots.connectFailed(refused, now: 0, jitter: 0) == [])
        let use = slots.request(3, now: 1, load: { _ in 0 }).use
        #expect(use.connection === first && !use.connect)
    }

    @Test("a connection that has failed is given to nobody, though its end is yet to be announced")
    mutating func failed() {
        let first = openOne()
        #expect(slots.request(2, now: 0, load: { _ in nil }).waits == .some(true))
        let second = Token()
        _ = slots.connected(second)
        slots.lost(first)
        #expect(slots.request(3, now: 0, load: { _ in 0 }).use.connection === second)
    }

    @Test("a lost connection is replaced with the next request")
    mutating func lost() {
        let first = openOne()
        slots.lost(first)
        #expect(slots.request(2, now: 0, load: { _ in 0 }).waits == .some(true))
    }

    @Test("a waiter may leave, once")
    mutating func withdraw() {
        _ = slots.request(1, now: 0, load: { _ in 0 })
        _ = slots.request(2, now: 0, load: { _ in 0 })
        #expect(slots.withdraw(1) == true)
        #expect(slots.withdraw(1) == false)
        #expect(slots.connected(Token()).waiters == [2])
    }

    @Test("closing hands out connections and waiters, and nothing is wanted from then on")
    mutating func close() {
        let first = openOne()
        let closed = slots.close()
        #expect(closed.open.first === first)
        #expect(slots.request(2, now: 0, load: { _ in 0 }).failure?.isPoolClosed == true)
        #expect(!slots.connected(Token()).isWanted)
        #expect(slots.open.isEmpty)
    }

    private mutating func openOne() -> Token {
        let connection = Token()
        _ = slots.request(1, now: 0, load: { _ in 0 })
        _ = slots.connected(connection)
        return connection
    }
}

extension SharedSlots.Request {
    fileprivate var use: (connection: Connection?, connect: Bool) {
        if case .use(let connection, let connect) = self { (connection, connect) } else { (nil, false) }
    }
    fileprivate var failure: PostgresError? { if case .fail(let error) = self { error } else { nil } }
    fileprivate var waits: Bool? { if case .wait(let connect) = self { connect } else { nil } }
}

@Suite("The breaker")
struct BreakerTests {
    @Test("is closed at first")
    func closed() { #expect(Breaker().failure(now: 0) == nil) }

    @Test("opens for a pause that doubles from a tenth of a second to five, halved at most by the jitter")
    func pauses() {
        var breaker = Breaker()
        var now: Int64 = 0
        for milliseconds: Int64 in [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000, 5000, 5000] {
            let pause = milliseconds * 1_000_000
            breaker.open(refused, now: now, jitter: 0)
            #expect(breaker.failure(now: now + pause / 2 - 1) != nil)
            #expect(breaker.failure(now: now + pause / 2) == nil)
            now += 10_000_000_000
        }
    }

    @Test("spreads the ends of its pause by the jitter")
    func jitter() {
        var breaker = Breaker()
        breaker.open(refused, now: 0, jitter: 0.5)
        #expect(breaker.failure(now: 74_999_999) != nil)
        #expect(breaker.failure(now: 75_000_000) == nil)
    }

    @Test("starts with the shortest pause again once reset")
    func reset() {
        var breaker = Breaker()
        for _ in 0..<5 { breaker.open(refused, now: 0, jitter: 0) }
        breaker.reset()
        #expect(breaker.failure(now: 0) == nil)
        breaker.open(refused, now: 0, jitter: 0)
        #expect(breaker.failure(now: 50_000_000) == nil)
    }

    @Test("reports the latest refusal")
    func latest() {
        var breaker = Breaker()
        breaker.open(refused, now: 0, jitter: 0)
        breaker.open(ConnectionFailure(stage: .connect, message: "still refused"), now: 0, jitter: 0)
        #expect(breaker.failure(now: 1)?.message == "still refused")
    }
}
