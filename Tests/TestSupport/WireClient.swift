package import Commands
import Dispatch
import Glibc
import Synchronization

/// A plain socket client that speaks lines: what it sends is up to the test, and every wait has a limit.
package final class WireClient: Sendable {
    /// Everything the server has sent.
    package let received = Transcript()
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "wire-client")
    private let isClosed = Mutex(false)
    private let lastID = Atomic<Int>(0)

    /// A reply as the client sees it.
    package struct Reply: Sendable {
        package let json: JSONValue

        package init(_ line: String) throws { json = try JSONValue(parsing: line.utf8) }

        package var isResult: Bool { !json["result"].isNull }

        /// The result, if there is one. Spelt out, since a bare `nil` may also mean a JSON null, which is something.
        package var result: JSONValue? {
            guard isResult else { return Optional<JSONValue>.none }
            return Optional<JSONValue>.some(json["result"])
        }

        package var code: Int? { json["error"]["code"].int }
        package var kind: String? { json["error"]["data"]["kind"].string }
        package var message: String? { json["error"]["message"].string }
    }

    /// Connects to `host:port` of this machine.
    ///
    /// - Throws: ``TestSupportError`` when nobody listens there.
    package init(_ address: String) throws {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw TestSupportError("not an address: \(address)")
        }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard status == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw TestSupportError("cannot connect to \(address): \(reason)")
        }
        // A peer that reads nothing must not hang a test.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        received.fill(from: descriptor) { [queue, self] in
            // After what is being sent, so that the descriptor's number is not another's meanwhile.
            queue.async { [self] in
                isClosed.withLock {
                    $0 = true
                    _ = Glibc.close(descriptor)
                }
            }
        }
    }

    /// Sends text as it is.
    package func send(_ text: String) async throws {
        let bytes = Array(text.utf8)
        let failure = await withCheckedContinuation { continuation in
            queue.async { [self] in continuation.resume(returning: write(bytes)) }
        }
        if let failure { throw TestSupportError("cannot send: \(failure)") }
    }

    /// Sends a call and waits for its reply, whatever else comes before it.
    package func call(
        _ method: String,
        _ params: JSONValue = [:],
        within limit: Duration = .seconds(20)
    ) async throws -> Reply {
        let id = lastID.add(1, ordering: .relaxed).newValue
        let call: JSONValue = ["jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": params]
        let place = received.lines.count
        try await send(call.text + "\n")
        let line = try await received.first("the reply to \(method)", from: place, within: limit) { line in
            (try? JSONValue(parsing: line.utf8))?["id"].int == id
        }
        return try Reply(line.text)
    }

    /// The reply that came at this place.
    package func reply(_ index: Int, within limit: Duration = .seconds(20)) async throws -> Reply {
        try Reply(try await received.first("reply \(index)", from: index, within: limit).text)
    }

    /// Says that nothing more will be sent, and goes on receiving.
    package func closeOutput() async throws {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                end(SHUT_WR)
                continuation.resume()
            }
        }
    }

    /// Ends the connection in an orderly way.
    package func close() { end(SHUT_RDWR) }

    /// Vanishes: the server gets a reset.
    package func vanish() {
        var option = linger(l_onoff: 1, l_linger: 0)
        isClosed.withLock { isClosed in
            guard !isClosed else { return }
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        // Wakes our reader, which then closes the descriptor; nothing of this is sent.
        end(SHUT_RD)
    }

    private func end(_ directions: Int) {
        isClosed.withLock { isClosed in
            if !isClosed { _ = shutdown(descriptor, Int32(directions)) }
        }
    }

    /// Writes all of it; the reason if that fails.
    private func write(_ bytes: [UInt8]) -> String? {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard !isClosed.withLock({ $0 }) else { return "the connection is over" }
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(cString: strerror(errno)) }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}

/// Lends a connection that is closed afterwards.
package func withClient<Value>(_ address: String, _ body: (WireClient) async throws -> Value) async throws -> Value {
    let client = try WireClient(address)
    defer { client.close() }
    return try await body(client)
}

/// Asks an admin listener; the status and the body.
package func adminGet(_ path: String, of address: String) async throws -> (status: Int, body: String) {
    try await withClient(address) { client in
        try await client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        try await client.received.whenOver()
        let lines = client.received.lines.map { $0.hasSuffix("\r") ? String($0.dropLast()) : $0 }
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, let status = Int(words[1]) else { throw TestSupportError("no HTTP answer: \(lines)") }
        let body = lines.drop { !$0.isEmpty }.dropFirst().joined(separator: "\n")
        return (status, body)
    }
}
