import NIOCore
import Synchronization

/// The open connections of a server, so that a drain can reach each.
final class ConnectionRegistry: Sendable {
    /// What a drain tells a connection.
    enum Notice: Sendable {
        /// Answer what was read, refuse what comes, close when idle.
        case drain
        /// Cancel what still runs.
        case cancelCalls
        case close
    }

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var emptied: EventLoopPromise<Void>?
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Adds a connection; false when there are too many or the server is stopping.
    func insert(_ channel: any Channel) -> Bool {
        state.withLock { state in
            guard !state.isDraining, state.channels.count < limit else { return false }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func remove(_ channel: any Channel) {
        let emptied = state.withLock { state -> EventLoopPromise<Void>? in
            state.channels[ObjectIdentifier(channel)] = nil
            return state.channels.isEmpty ? state.emptied.take() : nil
        }
        emptied?.succeed()
    }

    /// Tells every connection.
    func send(_ notice: Notice) {
        for channel in state.withLock({ Array($0.channels.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(notice)
        }
    }

    /// Begins the drain; the future is there when the last connection is gone.
    func drain(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state in
            state.isDraining = true
            state.emptied = promise
            return state.channels.isEmpty
        }
        if isEmpty {
            state.withLock { _ = $0.emptied.take() }
            promise.succeed()
        }
        send(.drain)
        return promise.futureResult
    }
}
