import Glibc
import Synchronization

/// One thread that waits for every socket of a pool at once, reads what has come and keeps the deadlines.
///
/// It uses `poll`, not `epoll`: the sockets are few, and there is no registration that could outlive its descriptor.
/// Nothing slow runs here: rows are decoded by the callers, on this thread only where they ask for it.
final class Reactor: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var timers: [UInt64: (due: Int64, action: @Sendable () -> Void)] = [:]
        var nextTimer: UInt64 = 0
        var isStopping = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    let jobs = Mutex(Jobs())
    /// Connections with an inbox to be sent at the end of the round.
    let unsent = Mutex<[Connection]>([])
    /// The loop's thread; 0 before it runs.
    let thread = Atomic<UInt>(0)
    private let wakeRead: Int32
    private let wakeWrite: Int32
    /// When the current `poll` ends by itself, in ticks; `Int64.max` while the loop looks for what to wait for, and
    /// `Int64.min` while it is awake and will look again.
    private let sleepsUntil = Atomic<Int64>(.min)

    /// The longest sleep, so that a deadline this far away needs no wake-up when its call begins.
    private static let longestSleep: Int64 = 500_000_000

    init() {
        var descriptors: [Int32] = [0, 0]
        let code = pipe(&descriptors)
        precondition(code == 0, "no descriptors left for the reactor's wake-up pipe")
        for descriptor in descriptors {
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        wakeRead = descriptors[0]
        wakeWrite = descriptors[1]
    }

    // Not at the end of the loop: somebody might be about to write into the pipe, whose number is another's by then.
    deinit {
        close(wakeRead)
        close(wakeWrite)
    }

    func start() {
        let isRunning = Thread.detach { self.loop() }
        precondition(isRunning, "no thread left for the reactor")
    }

    /// Ends the loop once its connections are over, which must have been closed before.
    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    func add(_ connection: Connection) {
        let hadEnded = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = connection
            defer { state.hasEnded = false }
            return state.hasEnded
        }
        // A connection that was under way when we were stopped; somebody must see to its end.
        if hadEnded { start() } else { wake() }
    }

    /// Ends the current sleep, if the loop sleeps.
    func wake() {
        guard sleepsUntil.exchange(.min, ordering: .acquiringAndReleasing) != .min else { return }
        var byte: UInt8 = 1
        _ = write(wakeWrite, &byte, 1)
    }

    /// Makes sure that the loop is awake at the deadline.
    func note(deadline: Int64) {
        // Pairs with the one in the loop: either it sees the deadline that was stored, or we see it look.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if deadline < sleepsUntil.load(ordering: .acquiring) { wake() }
    }

    /// Runs the action at the deadline on the reactor's thread, unless cancelled before.
    func schedule(at deadline: Deadline, _ action: @escaping @Sendable () -> Void) -> UInt64 {
        let due = deadline.ticks
        let id = state.withLock { state in
            state.nextTimer += 1
            state.timers[state.nextTimer] = (due, action)
            return state.nextTimer
        }
        note(deadline: due)
        return id
    }

    func cancelTimer(_ id: UInt64) { state.withLock { _ = $0.timers.removeValue(forKey: id) } }

    // MARK: The loop

    private func loop() {
        var descriptors: [pollfd] = []
        var polled: [Connection] = []
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        jobs.withLock { $0.isServed = true }
        while true {
            // Before looking: what changes from here on must wake us, or it would be seen after a whole sleep only.
            _ = sleepsUntil.exchange(.max, ordering: .acquiringAndReleasing)
            atomicMemoryFence(ordering: .sequentiallyConsistent)
            let (connections, timerDue, hasEnded) = state.withLock { state in
                state.hasEnded = state.isStopping && state.connections.isEmpty && endJobs()
                return (Array(state.connections.values), state.timers.values.map(\.due).min() ?? .max, state.hasEnded)
            }
            if hasEnded { break }

            descriptors.removeAll(keepingCapacity: true)
            polled.removeAll(keepingCapacity: true)
            descriptors.append(pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0))
            var wakeAt = timerDue
            for connection in connections {
                wakeAt = min(wakeAt, connection.nextDeadline.load(ordering: .acquiring))
                let events = connection.interest.load(ordering: .acquiring)
                guard events != 0 else { continue }
                descriptors.append(pollfd(fd: connection.socket, events: events, revents: 0))
                polled.append(connection)
            }
            sleep(on: &descriptors, until: hasJobs ? .min : wakeAt)
            for (index, connection) in polled.enumerated() where descriptors[index + 1].revents != 0 {
                connection.socketIsReady(descriptors[index + 1].revents)
            }
            runJobs()
            finishRound(connections)
        }
    }

    private func sleep(on descriptors: inout [pollfd], until wakeAt: Int64) {
        let now = Deadline.now.ticks
        let until = max(now, min(wakeAt, now + Self.longestSleep))
        // A wake-up between the look and here has left a byte in the pipe.
        sleepsUntil.store(until, ordering: .releasing)
        // Rounded up: waking a moment early would only make the loop go round.
        let milliseconds = max(0, (until - now + 999_999) / 1_000_000)
        _ = poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds))
        sleepsUntil.store(.min, ordering: .releasing)
        if descriptors[0].revents != 0 {
            withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
                while read(wakeRead, buffer.baseAddress, 64) > 0 {}
            }
        }
    }

    /// Runs what is due and lets go of connections that are over.
    private func finishRound(_ connections: [Connection]) {
        let now = Deadline.now.ticks
        for connection in connections {
            if connection.nextDeadline.load(ordering: .acquiring) <= now { connection.expire(now: now) }
            if connection.finishIfFailed() {
                state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
                connection.announceClosed()
            }
        }
        let due = state.withLock { state in
            let ids = state.timers.filter { $0.value.due <= now }.map(\.key)
            return ids.compactMap { state.timers.removeValue(forKey: $0)?.action }
        }
        for action in due { action() }
    }
}
