import NIOCore
import Synchronization

/// Counts sockets, refused ones too, and stops accepting while there are too many even to be refused: the kernel's
/// backlog then keeps who comes, for nothing.
final class AcceptThrottle: Sendable {
    private struct State {
        var highMark: Int
        var lowMark: Int
        var open = 0
        /// Goes on accepting.
        var resume: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let pauses: Metrics.Counter

    /// - Parameter limit: connections that are served. A few more are told that they are too many.
    init(limit: Int, pauses: Metrics.Counter) {
        self.pauses = pauses
        let marks = Self.marks(limit)
        state = Mutex(State(highMark: marks.high, lowMark: marks.low))
    }

    /// Takes on another limit, and goes on accepting where it lets.
    func adopt(limit: Int) {
        let resume = state.withLock { state in
            (state.highMark, state.lowMark) = Self.marks(limit)
            return state.open <= state.lowMark ? state.resume.take() : nil
        }
        resume?()
    }

    private static func marks(_ limit: Int) -> (high: Int, low: Int) { (limit + max(16, limit / 20), limit * 95 / 100) }

    func opened() { state.withLock { $0.open += 1 } }

    func closed() {
        let resume = state.withLock { state in
            state.open -= 1
            return state.open <= state.lowMark ? state.resume.take() : nil
        }
        resume?()
    }

    /// Whether to accept now; if not, `resume` is called once there is room.
    func mayAccept(orElse resume: @escaping @Sendable () -> Void) -> Bool {
        let isOpen = state.withLock { state in
            guard state.open >= state.highMark else { return true }
            state.resume = resume
            return false
        }
        if !isOpen { pauses.add() }
        return isOpen
    }
}

/// Holds back the listener's reads, each of which accepts connections, while the throttle says so.
final class AcceptGate: ChannelOutboundHandler {
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let throttle: AcceptThrottle

    init(_ throttle: AcceptThrottle) { self.throttle = throttle }

    func read(context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let held = NIOLoopBound(context, eventLoop: loop)
        let mayRead = throttle.mayAccept { loop.execute { held.value.read() } }
        if mayRead { context.read() }
    }
}
