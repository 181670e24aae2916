import Dispatch
import Glibc
import Synchronization

/// A TCP connection that sends and receives lines, each wait bounded by a deadline.
///
/// The only file of this module with pointers: they come from the C calls and live for the length of one call. The calls
/// block, so they run on a queue of their own and never on the threads of Swift's tasks.
final class Socket: Sendable {
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "amenity.socket")
    /// What was received beyond the last line.
    private let received = Mutex<[UInt8]>([])

    /// How a connection was refused or lost; the text is the system's.
    enum Failure: Error {
        case unresolved(String)
        case refused(String)
        case lost(String)
        case timedOut
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Connects to the first of the host's addresses that answers.
    static func connect(
        to host: String,
        port: UInt16,
        until deadline: ContinuousClock.Instant
    ) async throws -> Socket {
        try await blocking(on: DispatchQueue(label: "amenity.connect")) {
            Result { Socket(descriptor: try open(host, port, until: deadline)) }
        }
    }

    /// Sends a line, to which the line feed is added.
    func send(_ line: [UInt8], until deadline: ContinuousClock.Instant) async throws {
        try await Self.blocking(on: queue) { [self] in Result { try write(line + [0x0A], until: deadline) } }
    }

    /// The next line without its line feed.
    func receive(until deadline: ContinuousClock.Instant) async throws -> [UInt8] {
        try await Self.blocking(on: queue) { [self] in Result { try readLine(until: deadline) } }
    }

    /// Runs what blocks on a queue, away from the threads of Swift's tasks.
    static func blocking<Value: Sendable>(
        on queue: DispatchQueue,
        _ body: @escaping @Sendable () -> Result<Value, any Error>
    ) async throws -> Value {
        try await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }.get()
    }

    // MARK: Connecting

    /// Connects and leaves the descriptor to the caller.
    ///
    /// - Throws: ``Failure``.
    static func open(
        _ host: String,
        _ port: UInt16,
        until deadline: ContinuousClock.Instant
    ) throws -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var addresses: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &addresses)
        guard code == 0 else { throw Failure.unresolved(unsafe String(cString: gai_strerror(code))) }
        // The list belongs to us from here on.
        defer { unsafe freeaddrinfo(addresses) }
        var failure: any Error = Failure.unresolved("it has no address")
        var next = unsafe addresses
        while let address = unsafe next {
            do {
                return try unsafe open(address.pointee, until: deadline)
            } catch {
                failure = error
            }
            unsafe next = address.pointee.ai_next
        }
        throw failure
    }

    private static func open(_ address: addrinfo, until deadline: ContinuousClock.Instant) throws -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(address.ai_family, flags, address.ai_protocol)
        guard descriptor >= 0 else { throw Failure.refused(systemError(errno)) }
        do {
            if unsafe Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
                guard errno == EINPROGRESS else { throw Failure.refused(systemError(errno)) }
                try wait(for: Int16(POLLOUT), on: descriptor, until: deadline)
                var code: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
                guard code == 0 else { throw Failure.refused(systemError(code)) }
            }
            return descriptor
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    // MARK: Sending and receiving

    private func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws {
        var sent = 0
        while sent < bytes.count {
            // MSG_NOSIGNAL: a server that hung up is an error of the call, not the end of the process.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor,
                    buffer.baseAddress?.advanced(by: sent),
                    buffer.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try Self.wait(for: Int16(POLLOUT), on: descriptor, until: deadline)
            } else if errno != EINTR {
                throw Failure.lost(Self.systemError(errno))
            }
        }
    }

    private func readLine(until deadline: ContinuousClock.Instant) throws -> [UInt8] {
        try received.withLock { received in
            var searched = 0
            while true {
                if let end = received[searched...].firstIndex(of: 0x0A) {
                    defer { received.removeSubrange(...end) }
                    return Array(received[..<end])
                }
                searched = received.count
                received += try readSome(until: deadline)
            }
        }
    }

    private func readSome(until deadline: ContinuousClock.Instant) throws -> [UInt8] {
        while true {
            var code: Int32 = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                let read = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
                code = read < 0 ? errno : 0
                count = max(read, 0)
            }
            switch code {
            case 0 where bytes.isEmpty: throw Failure.lost("the server closed the connection")
            case 0: return bytes
            case EAGAIN: try Self.wait(for: Int16(POLLIN), on: descriptor, until: deadline)
            case EINTR: continue
            default: throw Failure.lost(Self.systemError(code))
            }
        }
    }

    private static func wait(
        for events: Int16,
        on descriptor: Int32,
        until deadline: ContinuousClock.Instant
    ) throws {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw Failure.timedOut }
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            // Rounded up: rounding down would spin through the last millisecond.
            let ready = unsafe poll(&entry, 1, Int32(clamping: milliseconds + 1))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw Failure.lost(systemError(errno)) }
        }
    }

    private static func systemError(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
