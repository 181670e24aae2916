import Glibc

/// Where a server listens: a Unix socket's folder, or a port of this machine.
struct ProxyAddress {
    private enum Kind {
        case unix(path: String)
        case tcp(port: UInt16)
    }

    private let kind: Kind

    init(host: String, port: String) throws {
        guard !host.hasPrefix("/") else {
            kind = .unix(path: "\(host)/.s.PGSQL.\(port)")
            return
        }
        guard let port = UInt16(port) else { throw TestSupportError("not a port: \(port)") }
        kind = .tcp(port: port)
    }

    func listen() throws -> Int32 {
        let descriptor = try open()
        guard withAddress({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 64) == 0 else {
            throw TestSupportError("the proxy cannot listen: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    func connect() throws -> Int32 {
        let descriptor = try open()
        guard withAddress({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw TestSupportError("the proxy cannot reach the server")
        }
        return descriptor
    }

    private func open() throws -> Int32 {
        let family = if case .unix = kind { AF_UNIX } else { AF_INET }
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError("no socket left for the proxy") }
        return descriptor
    }

    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        switch kind {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
            return Self.call(&address, body)
        case .tcp(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            return Self.call(&address, body)
        }
    }

    private static func call<Address>(
        _ address: inout Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
