import Commands
import TestSupport
import Testing

/// A service that has run out of file descriptors.
@Suite("Without a free file descriptor", .needsPrograms, .migratedDatabase, .timeLimit(.minutes(1)))
struct FileLimitTests {
    /// The fewer it has, the less of them a crowd needs to take: at 64 half are the service's own.
    @Test("the service serves who is there, says little, and takes others when some have left", arguments: [64, 128])
    func files(_ limit: Int) async throws {
        let arguments = switches(
            try TestDatabase.required(),
            ["--listen", "127.0.0.1:0", "--limits-exempt", "127.0.0.0/8"]
        )
        try await withProgram("amenityd", arguments, files: limit) { program in
            let service = try await LiveService(program)
            let first = try WireClient(service.address)
            defer { first.close() }
            #expect(try await first.call("system.ping").isResult)
            // The kernel takes them all; the service has no descriptor for the last of them.
            var crowd: [WireClient] = []
            for _ in 0..<140 { crowd.append(try WireClient(service.address)) }
            for client in crowd { try await client.send(#"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"# + "\n") }
            for number in 0..<300 {
                #expect(try await first.call("system.ping", ["echo": .integer(number)]).result?["echo"].int == number)
            }
            let answered = crowd.count { !$0.received.lines.isEmpty }
            #expect(answered < crowd.count)
            for client in crowd { client.close() }
            let late = try WireClient(service.address)
            defer { late.close() }
            #expect(try await late.call("system.ping").isResult)
            // Beside a line a call.
            #expect(program.log.lines.count { !$0.contains(#""ev":"call""#) } < 30)
        }
    }
}
