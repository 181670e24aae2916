import Glibc
import Synchronization

/// Stands between a client and the server and misbehaves on request: one thread, `poll`, no opinions on the protocol.
///
/// It listens on a Unix socket in a folder of its own, so that a client only needs another `host`.
package final class Proxy: Sendable {
    package enum Mode: Sendable {
        case forward
        /// One byte a write, in both directions.
        case fragment
        /// Reads nothing and writes nothing; the sockets stay open.
        case stall
        /// Reads everything and passes nothing on.
        case swallow
        /// Passes the client's bytes on and swallows the server's.
        case swallowReplies
    }

    package let directory: String
    private let port: String
    private let target: ProxyAddress
    private let listener: Int32
    private let wakeRead: Int32
    private let wakeWrite: Int32
    private let state = Mutex(State())

    private struct State {
        var mode = Mode.forward
        var trap: (bytes: [UInt8], mode: Mode, sprung: @Sendable () -> Void)?
        var isRefusing = false
        var mustCut = false
        var isClosed = false
        var accepted = 0
    }

    /// Starts forwarding to the server that the connection string names.
    package init(to conninfo: Conninfo) throws {
        port = conninfo["port"] ?? "5432"
        target = try ProxyAddress(host: conninfo["host"] ?? "", port: port)
        var template = Array("/tmp/apx.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError("no folder for the proxy's socket") }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        listener = try ProxyAddress(host: directory, port: port).listen()
        var descriptors: [Int32] = [0, 0]
        guard pipe(&descriptors) == 0 else { throw TestSupportError("no pipe for the proxy") }
        wakeRead = descriptors[0]
        wakeWrite = descriptors[1]
        Self.makeNonblocking(wakeRead)
        Self.makeNonblocking(wakeWrite)
        Self.makeNonblocking(listener)
        var thread = pthread_t()
        let this = Unmanaged.passRetained(self)
        pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Proxy>.fromOpaque(argument).takeRetainedValue().loop() }
                return nil
            },
            this.toOpaque()
        )
        pthread_detach(thread)
    }

    /// Where it listens.
    package var socket: String { "\(directory)/.s.PGSQL.\(port)" }

    /// How to reach the server through the proxy.
    package func conninfo(_ direct: Conninfo) -> Conninfo {
        var conninfo = direct
        conninfo["host"] = directory
        return conninfo
    }

    /// The database as it is reached through the proxy.
    package func database(_ direct: TestDatabase) -> TestDatabase {
        TestDatabase(name: direct.name, conninfo: conninfo(direct.conninfo))
    }

    /// Connections accepted so far; a cancel request is one.
    package var accepted: Int { state.withLock { $0.accepted } }

    package func set(_ mode: Mode) { change { $0.mode = mode } }

    /// Turns to the mode as soon as a client has sent the text; the write that holds it is still passed on.
    package func set(_ mode: Mode, after text: String, sprung: @escaping @Sendable () -> Void = {}) {
        change { $0.trap = (Array(text.utf8), mode, sprung) }
    }

    /// Closes every connection there is; new ones are welcome.
    package func cut() { change { $0.mustCut = true } }

    /// Closes every new connection at once, or stops doing so.
    package func refuse(_ isRefusing: Bool) { change { $0.isRefusing = isRefusing } }

    package func close() { change { $0.isClosed = true } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            guard !state.isClosed else { return }
            body(&state)
            var byte: UInt8 = 1
            _ = write(wakeWrite, &byte, 1)
        }
    }

    // MARK: The thread

    private func loop() {
        var pairs: [ProxyPair] = []
        while true {
            let (mode, mustCut, isClosed) = state.withLock { state in
                defer { state.mustCut = false }
                return (state.mode, state.mustCut, state.isClosed)
            }
            if mustCut || isClosed {
                pairs.forEach { $0.close() }
                pairs = []
            }
            if isClosed { break }
            var descriptors = [
                pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0),
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            ]
            for pair in pairs { descriptors += pair.interests(mode) }
            poll(&descriptors, nfds_t(descriptors.count), -1)
            drainWakeUps()
            for (index, pair) in pairs.enumerated() {
                pair.serve(mode, descriptors[2 + 2 * index].revents, descriptors[3 + 2 * index].revents) { sent in
                    spring(sent)
                }
            }
            pairs.removeAll { pair in
                guard pair.isOver else { return false }
                pair.close()
                return true
            }
            if descriptors[1].revents != 0, let pair = accept() { pairs.append(pair) }
        }
        Glibc.close(listener)
        unlink(socket)
        rmdir(directory)
        Glibc.close(wakeRead)
        Glibc.close(wakeWrite)
    }

    private func accept() -> ProxyPair? {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        let isRefusing = state.withLock { state in
            state.accepted += 1
            return state.isRefusing
        }
        guard !isRefusing, let server = try? target.connect() else {
            Glibc.close(client)
            return nil
        }
        Self.makeNonblocking(client)
        Self.makeNonblocking(server)
        return ProxyPair(client: client, server: server)
    }

    /// Turns to the trap's mode if the client's bytes hold its text.
    private func spring(_ sent: ArraySlice<UInt8>) -> Mode {
        let (mode, sprung) = state.withLock { state -> (Mode, (@Sendable () -> Void)?) in
            guard let trap = state.trap, sent.holds(trap.bytes) else { return (state.mode, nil) }
            state.mode = trap.mode
            state.trap = nil
            return (state.mode, trap.sprung)
        }
        sprung?()
        return mode
    }

    private func drainWakeUps() {
        var buffer = [UInt8](repeating: 0, count: 64)
        while read(wakeRead, &buffer, 64) > 0 {}
    }

    private static func makeNonblocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        // A server that a test starts would otherwise inherit it, and keep open what we close.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func holds(_ text: [UInt8]) -> Bool {
        guard count >= text.count else { return false }
        return (startIndex...endIndex - text.count).contains { self[$0..<$0 + text.count].elementsEqual(text) }
    }
}
