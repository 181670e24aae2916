import Access
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

    /// Why a connection is not served.
    enum Refusal: Equatable {
        case draining
        case tooMany
        case tooManyOfAddress
        case tooManyOfNetwork
    }

    private struct State {
        var limits: ServiceLimits
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// How many there are of a ``Peer/address`` and of a ``Peer/network``.
        var addresses: [IPAddress: Int] = [:]
        var networks: [IPAddress: Int] = [:]
        var isDraining = false
        var emptied: EventLoopPromise<Void>?
    }

    private let state: Mutex<State>

    init(limits: ServiceLimits) { state = Mutex(State(limits: limits)) }

    /// Takes on other limits; who is connected stays.
    func adopt(_ limits: ServiceLimits) { state.withLock { $0.limits = limits } }

    /// Adds a connection, or says why not.
    ///
    /// - Parameter peer: `nil` for one whose connections are not counted apart.
    func insert(_ channel: any Channel, from peer: Peer?) -> Refusal? {
        state.withLock { state in
            if state.isDraining { return .draining }
            guard state.channels.count < state.limits.connections else { return .tooMany }
            if let peer {
                guard state.addresses[peer.address, default: 0] < state.limits.connectionsPerAddress else {
                    return .tooManyOfAddress
                }
                guard state.networks[peer.network, default: 0] < state.limits.connectionsPerNetwork else {
                    return .tooManyOfNetwork
                }
                state.addresses[peer.address, default: 0] += 1
                state.networks[peer.network, default: 0] += 1
            }
            state.channels[ObjectIdentifier(channel)] = channel
            return nil
        }
    }

    /// Forgets a connection; one that was refused is not known here.
    func remove(_ channel: any Channel, from peer: Peer?) {
        let emptied = state.withLock { state -> EventLoopPromise<Void>? in
            guard state.channels.removeValue(forKey: ObjectIdentifier(channel)) != nil else { return nil }
            if let peer {
                Self.discount(peer.address, &state.addresses)
                Self.discount(peer.network, &state.networks)
            }
            return state.channels.isEmpty ? state.emptied.take() : nil
        }
        emptied?.succeed()
    }

    private static func discount(_ address: IPAddress, _ counts: inout [IPAddress: Int]) {
        let count = counts[address, default: 0] - 1
        counts[address] = count > 0 ? count : nil
    }

    /// The open connections.
    var channels: [any Channel] { state.withLock { Array($0.channels.values) } }

    /// Tells every connection.
    func send(_ notice: Notice) {
        for channel in channels {
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
