import Testing

@testable import Postgres

/// Stands for a connection in state machines that only compare identities.
final class Token: Sendable {}

private let refused = ConnectionFailure(stage: .connect, message: "refused")

@Suite("The lease pool's decisions")
struct LeasePoolTests {
    private var pool = LeasePool<Token>(limit: 2)

    @Test("the first request makes a connection and waits; a second waits for the same attempt")
    mutating func oneConnectAtATime() {
        #expect(pool.request(1, now: 0).waits == .some(true))
        #expect(pool.request(2, now: 0).waits == .some(false))
        let first = Token()
        let (decision, connect) = pool.connected(first)
        #expect(decision.lends(first, to: 1))
        #expect(connect, "waiter 2 still needs a connection, and the limit allows one")
        let second = Token()
        #expect(pool.connected(second).0.lends(second, to: 2))
        #expect(pool.lent == 2)
    }

    @Test("never makes more connections than the limit")
    mutating func limit() {
        for waiter in 1...5 { _ = pool.request(waiter, now: 0) }
        #expect(pool.connected(Token()).connect)
        #expect(!pool.connected(Token()).connect)
        #expect(pool.request(6, now: 0).waits == .some(false))
        #expect(pool.lent == 2)
    }

    @Test("lends the connection returned last first")
    mutating func lastInFirstOut() {
        let (first, second) = lendTwo()
        #expect(pool.returned(first, isReusable: true).parks)
        #expect(pool.returned(second, isReusable: true).parks)
        #expect(pool.request(3, now: 0).lent === second)
        #expect(pool.request(4, now: 0).lent === first)
    }

    @Test("serves those who wait in the order in which they came")
    mutating func firstInFirstOut() {
        let (first, second) = lendTwo()
        for waiter in 3...5 { _ = pool.request(waiter, now: 0) }
        #expect(pool.returned(first, isReusable: true).lends(first, to: 3))
        #expect(pool.returned(second, isReusable: true).lends(second, to: 4))
        #expect(pool.returned(first, isReusable: true).lends(first, to: 5))
    }

    @Test("passes over a waiter who has left")
    mutating func withdrawn() {
        let (first, _) = lendTwo()
        _ = pool.request(3, now: 0)
        _ = pool.request(4, now: 0)
        #expect(pool.withdraw(3) == true)
        #expect(pool.withdraw(3) == false, "it has left already")
        #expect(pool.returned(first, isReusable: true).lends(first, to: 4))
        #expect(pool.withdraw(4) == false, "it was served already")
    }

    @Test("parks a new connection whose waiter has left")
    mutating func nobodyWaits() {
        _ = pool.request(1, now: 0)
        #expect(pool.withdraw(1) == true)
        let connection = Token()
        #expect(pool.connected(connection).0.parks)
        #expect(pool.request(2, now: 0).lent === connection)
    }

    @Test("discards a connection that cannot be used again, and makes another only for those who wait")
    mutating func discards() {
        let (first, second) = lendTwo()
        #expect(pool.returned(first, isReusable: false).discards(first, connect: false))
        _ = pool.request(3, now: 0)
        #expect(pool.isConnecting, "the request took the free place")
        #expect(pool.returned(second, isReusable: false).discards(second, connect: false), "one attempt at a time")
        let third = Token()
        #expect(pool.connected(third).0.lends(third, to: 3))
        _ = pool.request(4, now: 0)
        _ = pool.connected(Token())
        _ = pool.request(5, now: 0)
        #expect(pool.returned(third, isReusable: false).discards(third, connect: true))
    }

    @Test("forgets an idle connection that the server closed")
    mutating func lost() {
        let (first, second) = lendTwo()
        _ = pool.returned(first, isReusable: true)
        _ = pool.returned(second, isReusable: true)
        pool.lost(second)
        #expect(pool.request(3, now: 0).lent === first)
        #expect(pool.request(4, now: 0).waits == .some(true))
    }

    @Test("fails everybody who waits when no connection can be made and none is out")
    mutating func connectFailed() {
        _ = pool.request(1, now: 0)
        _ = pool.request(2, now: 0)
        #expect(pool.connectFailed(refused, now: 0, jitter: 0).failed == [1, 2])
        #expect(pool.request(3, now: 1).failure?.connection?.message == "refused", "the breaker is open")
    }

    @Test("lets the line wait while connections are out on loan")
    mutating func connectFailedWhileLent() {
        let (first, _) = lendTwo()
        _ = pool.returned(first, isReusable: false)
        _ = pool.request(3, now: 0)
        #expect(pool.connectFailed(refused, now: 0, jitter: 0) == (failed: [], retryIn: 50_000_000))
        #expect(pool.request(4, now: 1).waits == .some(false), "the server is not asked again before the pause is over")
        let mustConnect = pool.retry()
        #expect(mustConnect, "somebody waits, and nothing else would make a connection for him")
        let again = pool.retry()
        #expect(!again, "one at a time")
    }

    @Test("closes its breaker with the first connection made")
    mutating func breakerCloses() {
        _ = pool.request(1, now: 0)
        _ = pool.connectFailed(refused, now: 0, jitter: 0)
        #expect(pool.request(2, now: 49_999_999).failure != nil)
        #expect(pool.request(3, now: 50_000_000).waits == .some(true))
        let connection = Token()
        _ = pool.connected(connection)
        _ = pool.returned(connection, isReusable: false)
        #expect(pool.request(4, now: 50_000_001).waits == .some(true))
    }

    @Test("hands out what is idle and whoever waits when it closes, and refuses from then on")
    mutating func close() {
        let (first, second) = lendTwo()
        _ = pool.returned(first, isReusable: true)
        _ = pool.request(3, now: 0)
        _ = pool.request(4, now: 0)
        _ = pool.returned(second, isReusable: true)
        let closed = pool.close()
        #expect(closed.idle.isEmpty)
        #expect(closed.waiters == [])
        #expect(pool.request(5, now: 0).failure?.isPoolClosed == true)
        #expect(pool.returned(first, isReusable: true).discards(first, connect: false))
        #expect(pool.connected(Token()).connect == false)
    }

    @Test("fails those in line when it closes")
    mutating func closeWithWaiters() {
        _ = pool.request(1, now: 0)
        _ = pool.request(2, now: 0)
        #expect(pool.close().waiters == [1, 2])
        let late = Token()
        #expect(pool.connected(late).0.discards(late, connect: false))
    }

    private mutating func lendTwo() -> (Token, Token) {
        let (first, second) = (Token(), Token())
        _ = pool.request(1, now: 0)
        _ = pool.request(2, now: 0)
        _ = pool.connected(first)
        _ = pool.connected(second)
        return (first, second)
    }
}

extension LeasePool.Request {
    fileprivate var lent: Connection? { if case .lend(let connection) = self { connection } else { nil } }
    fileprivate var failure: PostgresError? { if case .fail(let error) = self { error } else { nil } }
    /// Whether to connect, or `nil` when it is not to wait at all.
    fileprivate var waits: Bool? { if case .wait(let connect) = self { connect } else { nil } }
}

extension LeasePool.Return {
    fileprivate var parks: Bool { if case .park = self { true } else { false } }

    fileprivate func lends(_ connection: Connection, to waiter: Int) -> Bool {
        guard case .lend(let lent, let id) = self else { return false }
        return lent === connection && id == waiter
    }

    fileprivate func discards(_ connection: Connection, connect: Bool) -> Bool {
        guard case .discard(let discarded, let mustConnect) = self else { return false }
        return discarded === connection && mustConnect == connect
    }
}
