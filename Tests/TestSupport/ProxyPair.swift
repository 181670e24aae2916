import Glibc

/// One client, its connection to the server, and what is on its way between them. Touched by the proxy's thread only.
final class ProxyPair {
    private let client: Int32
    private let server: Int32
    private var toServer: [UInt8] = []
    private var toClient: [UInt8] = []
    private var hasEnded = false

    /// Beyond this nothing more is read, so that a slow reader slows its writer down as on a real wire.
    private static let most = 1 << 16

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    /// Whether one side has hung up and all it had said is passed on.
    private(set) var isOver = false

    func close() {
        Glibc.close(client)
        Glibc.close(server)
    }

    func interests(_ mode: Proxy.Mode) -> [pollfd] {
        guard mode != .stall else {
            return [pollfd(fd: -1, events: 0, revents: 0), pollfd(fd: -1, events: 0, revents: 0)]
        }
        return [
            pollfd(fd: client, events: events(reading: toServer, writing: toClient), revents: 0),
            pollfd(fd: server, events: events(reading: toClient, writing: toServer), revents: 0),
        ]
    }

    private func events(reading: [UInt8], writing: [UInt8]) -> Int16 {
        Int16((reading.count < Self.most ? POLLIN : 0) | (writing.isEmpty ? 0 : POLLOUT))
    }

    /// - Parameter spring: sees what the client sent and says which mode holds from here on.
    func serve(
        _ mode: Proxy.Mode,
        _ clientEvents: Int16,
        _ serverEvents: Int16,
        spring: (ArraySlice<UInt8>) -> Proxy.Mode
    ) {
        guard mode != .stall else { return }
        var mode = mode
        if clientEvents & ~Int16(POLLOUT) != 0, toServer.count < Self.most {
            let before = toServer.count
            hasEnded = !take(from: client, into: &toServer) || hasEnded
            mode = spring(toServer[before...])
            if mode == .swallow { toServer = [] }
        }
        if serverEvents & ~Int16(POLLOUT) != 0, toClient.count < Self.most {
            hasEnded = !take(from: server, into: &toClient) || hasEnded
        }
        if mode == .swallow || mode == .swallowReplies { toClient = [] }
        pass(&toServer, to: server, mode)
        pass(&toClient, to: client, mode)
        if hasEnded && toServer.isEmpty && toClient.isEmpty { isOver = true }
    }

    /// False at the end of the stream.
    private func take(from descriptor: Int32, into buffer: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &chunk, chunk.count)
        if count > 0 { buffer += chunk[..<count] }
        return count > 0 || (count < 0 && errno == EAGAIN)
    }

    private func pass(_ buffer: inout [UInt8], to descriptor: Int32, _ mode: Proxy.Mode) {
        guard !buffer.isEmpty else { return }
        let most = mode == .fragment ? 1 : buffer.count
        let count = send(descriptor, buffer, most, Int32(MSG_NOSIGNAL))
        if count > 0 {
            buffer.removeFirst(count)
        } else if errno != EAGAIN {
            buffer = []
            hasEnded = true
        }
    }
}
