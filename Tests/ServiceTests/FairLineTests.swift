import Access
import NIOCore
import NIOPosix
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Service

@Suite("The line for the database")
struct FairLineTests {
    private static func call(
        _ ticket: Int,
        of connection: Int,
        weight: Int = 1,
        isKnown: Bool = false,
        at now: Int64 = 0
    )
        -> FairQueue.Call
    {
        FairQueue.Call(
            ticket: ticket,
            connection: connection,
            weight: weight,
            isKnown: isKnown,
            since: now,
            until: now + 100
        )
    }

    @Test("Connections take turns, whoever sent more")
    func turns() {
        var queue = FairQueue(capacity: 1, waiting: 100, lateness: 10)
        #expect(queue.enter(Self.call(0, of: 9)) == .run)
        for ticket in 1...5 { #expect(queue.enter(Self.call(ticket, of: 1)) == .wait) }
        #expect(queue.enter(Self.call(6, of: 2)) == .wait)
        #expect(queue.enter(Self.call(7, of: 3)) == .wait)
        var order: [Int] = []
        while queue.waiting > 0 { order += queue.leave(1) }
        #expect(order == [1, 6, 7, 2, 3, 4, 5])
        #expect(queue.leave(1) == [])
        #expect(queue.enter(Self.call(8, of: 1)) == .run)
    }

    @Test("A dear call takes more room, is not overtaken, and runs alone if it has to")
    func weights() {
        var queue = FairQueue(capacity: 4, waiting: 100, lateness: 10)
        #expect(queue.enter(Self.call(1, of: 1)) == .run)
        #expect(queue.enter(Self.call(2, of: 2, weight: 4)) == .wait)
        #expect(queue.enter(Self.call(3, of: 3)) == .wait, "behind the dear one, though there is room")
        #expect(queue.leave(1) == [2])
        #expect(queue.enter(Self.call(4, of: 4, weight: 9)) == .wait)
        #expect(queue.leave(4) == [3])
        #expect(queue.leave(1) == [4])
    }

    @Test("A line that is long and late sends away the last of the longest, unknown callers first")
    func shedding() {
        var queue = FairQueue(capacity: 1, waiting: 3, lateness: 10)
        #expect(queue.enter(Self.call(0, of: 9)) == .run)
        #expect(queue.enter(Self.call(1, of: 1, isKnown: true)) == .wait)
        #expect(queue.enter(Self.call(2, of: 1, isKnown: true)) == .wait)
        #expect(queue.enter(Self.call(3, of: 2)) == .wait)
        #expect(queue.enter(Self.call(4, of: 2, at: 10)) == .wait, "long, but not late")
        #expect(queue.enter(Self.call(5, of: 2, at: 11)) == .refuse)
        #expect(queue.enter(Self.call(6, of: 3, at: 11)) == .waitInsteadOf(4))
        #expect(queue.enter(Self.call(7, of: 1, isKnown: true, at: 11)) == .waitInsteadOf(6))
        #expect(queue.enter(Self.call(8, of: 4, isKnown: true, at: 11)) == .waitInsteadOf(3))
        #expect(queue.enter(Self.call(9, of: 5, at: 11)) == .refuse)
        #expect(queue.enter(Self.call(10, of: 5, isKnown: true, at: 11)) == .waitInsteadOf(7))
        #expect(queue.waiting == 4)
        var order: [Int] = []
        while queue.waiting > 0 { order += queue.leave(1) }
        #expect(order == [1, 8, 10, 2])
    }

    @Test("Who leaves or waits for too long loses nobody else's place")
    func leaving() {
        var queue = FairQueue(capacity: 1, waiting: 100, lateness: 10)
        #expect(queue.enter(Self.call(0, of: 9)) == .run)
        for ticket in 1...3 { #expect(queue.enter(Self.call(ticket, of: ticket, at: Int64(ticket))) == .wait) }
        let isThere = [queue.withdraw(2), queue.withdraw(2)]
        #expect(isThere == [true, false])
        #expect(queue.expire(at: 101) == [1])
        #expect(queue.leave(1) == [3])
        #expect(queue.waiting == 0)
        #expect(queue.expire(at: 1000) == [])
    }

    @Test("However many come, no more wait than sixteen times as many as are too many", arguments: [2, 3])
    func bounded(_ limit: Int) {
        var queue = FairQueue(capacity: 1, waiting: limit, lateness: 1000)
        for ticket in 0..<1000 { _ = queue.enter(Self.call(ticket, of: ticket % 7)) }
        #expect(queue.waiting == limit * 16)
    }

    // MARK: With tasks

    private final class Moment: Sendable {
        let nanoseconds = Atomic<Int64>(0)
    }

    private final class Hands: Sendable {
        let metrics = Metrics(methods: [])
        let order = Mutex<[String]>([])
        let time: Moment
        let line: FairLine

        init(_ change: (inout ServiceLimits) -> Void) {
            var limits = ServiceLimits()
            limits.runningCost = 1
            // Nobody is to be sent away by the clock of this machine.
            limits.lineWait = .seconds(3600)
            change(&limits)
            let time = Moment()
            self.time = time
            line = FairLine(limits: limits, loop: MultiThreadedEventLoopGroup.singleton.next(), metrics: metrics) {
                time.nanoseconds.load(ordering: .relaxed)
            }
        }

        /// Runs a call that notes its name when it is its turn; returns once it stands in line or runs.
        func send(_ name: String, of connection: Int, isKnown: Bool = false) async -> Task<CallOutcome, Never> {
            let waiting = line.waiting
            let task = Task {
                await line.run(1, of: connection, isKnown: isKnown, until: .after(.seconds(3600))) {
                    order.withLock { $0.append(name) }
                    return CallOutcome(result: .success(Answer { $0.raw("{}") }), account: CallAccount())
                }
            }
            while line.waiting == waiting, !order.withLock({ $0.contains(name) }), !task.isCancelled {
                await Task.yield()
            }
            return task
        }

        /// Fills the line's one place until the gate opens.
        func hold(_ gate: AsyncStream<Void>) async -> Task<CallOutcome, Never> {
            let task = Task {
                await line.run(1, of: 0, isKnown: false, until: .after(.seconds(3600))) {
                    order.withLock { $0.append("held") }
                    for await _ in gate { break }
                    return CallOutcome(result: .success(Answer { $0.raw("{}") }), account: CallAccount())
                }
            }
            while order.withLock({ $0.isEmpty }) { await Task.yield() }
            return task
        }
    }

    @Test("The second connection's only call runs before the first one's second")
    func turnsOfTasks() async {
        let hands = Hands { _ in }
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let held = await hands.hold(gate)
        var tasks = [held]
        for name in ["a1", "a2", "a3"] { tasks.append(await hands.send(name, of: 1)) }
        tasks.append(await hands.send("b1", of: 2))
        #expect(hands.line.waiting == 4)
        open.yield()
        for task in tasks { _ = await task.value }
        #expect(hands.order.withLock { $0 } == ["held", "a1", "b1", "a2", "a3"])
        #expect(hands.line.waiting == 0 && hands.metrics.callsWaiting.value == 0)
    }

    @Test("Who is sent away, waits too long or is cancelled is told so and never runs")
    func sentAway() async {
        let hands = Hands {
            $0.callsWaiting = 2
            $0.lineLate = .zero
        }
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let held = await hands.hold(gate)
        let first = await hands.send("a1", of: 1)
        let second = await hands.send("a2", of: 1)
        hands.time.nanoseconds.store(1, ordering: .relaxed)
        let known = Task { await hands.send("b1", of: 2, isKnown: true) }
        #expect(await Self.code(second.value) == .overloaded)
        #expect(hands.metrics.callsShed.value == 1)
        first.cancel()
        #expect(await Self.code(first.value) == .cancelled)
        hands.time.nanoseconds.store(3600 * 1_000_000_000 + 2, ordering: .relaxed)
        hands.line.expire()
        let late = await known.value
        #expect(await Self.code(late.value) == .overloaded)
        open.yield()
        #expect(await Self.code(held.value) == nil)
        #expect(hands.order.withLock { $0 } == ["held"])
        let last = await hands.send("c1", of: 3)
        #expect(await Self.code(last.value) == nil)
    }

    private static func code(_ outcome: CallOutcome) -> ErrorCode? {
        guard case .failure(let error) = outcome.result else { return nil }
        return error.code
    }
}
