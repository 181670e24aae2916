import Glibc
import TestSupport
import Testing

/// A log that can't be written, since its disk is full.
@Suite("With a log on a full disk", .needsPrograms, .seededDatabase, .timeLimit(.minutes(1)))
struct FullLogTests {
    @Test("the service answers, good calls and bad, and ends in order")
    func service() async throws {
        let ports = try (0..<2).map { _ in try Self.freePort() }
        let database = try TestDatabase.required()
        let arguments = [
            "--database", database.conninfo.text, "--listen", "127.0.0.1:\(ports[0])",
            "--admin-listen", "127.0.0.1:\(ports[1])", "--limits-exempt", "127.0.0.0/8", "--log-level", "debug",
        ]
        try await withProgram("amenityd", arguments, log: "/dev/full") { program in
            // It can't tell that it listens.
            while true {
                try Task.checkCancellation()
                if let status = try? await adminGet("/ready", of: "127.0.0.1:\(ports[1])").status, status == 200 {
                    break
                }
                await Task.yield()
            }
            let client = try WireClient("127.0.0.1:\(ports[0])")
            defer { client.close() }
            for _ in 0..<50 {
                #expect(try await client.call("parks.list").isResult)
                #expect(try await client.call("parks.gte").code == -32601)
            }
            #expect(program.log.lines.isEmpty)
            program.send(SIGTERM)
            #expect(try await program.ended() == .exit(0))
        }
    }

    /// A port that nobody had a moment ago.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard status == 0 else { throw TestSupportError("there is no free port") }
        return UInt16(bigEndian: name.sin_port)
    }
}
