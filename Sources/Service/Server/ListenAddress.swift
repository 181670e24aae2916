import NIOCore

/// Where to listen, as `host:port` or `[v6]:port`.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    /// Reads `127.0.0.1:7411`, `[::1]:7411` or `localhost:7411`; port 0 leaves the choice to the system.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { return nil }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only programs of this machine can reach it.
    package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}

/// Why a program could not listen.
package struct ListenError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// - Parameter setting: the switch that chooses another address.
    init(_ error: any Error, address: ListenAddress, setting: String) {
        if let error = error as? IOError, error.errnoCode == Self.addressInUse {
            description =
                "\(address) is in use: another program listens there; stop it, or choose another address with \(setting)"
        } else {
            description = "can't listen on \(address) (\(setting)): \(error)"
        }
    }

    /// `EADDRINUSE` of Linux.
    private static let addressInUse: CInt = 98
}

extension Channel {
    /// Where the channel listens, as a client would type it.
    var listenAddress: String {
        guard let address = localAddress, let host = address.ipAddress, let port = address.port else { return "" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
