import Commands
import Foundation
import Glibc
import TestSupport
import Testing

/// SIGHUP, and the certificate that it has the service read anew.
@Suite("A running service", .needsPrograms, .timeLimit(.minutes(1)))
struct ReloadTests {
    @Test("goes on when it is told to read its settings anew, though there is nothing to read")
    func plain() async throws {
        try await withQueue { database, _ in
            try await withService(on: database) { service in
                try await withClient(service.address) { client in
                    _ = try await client.call("system.ping")
                    service.program.send(SIGHUP)
                    try await service.program.event("settings read anew")
                    #expect(try await client.call("system.ping").isResult)
                }
            }
        }
    }

    @Test("takes on the limits of its file when it is told to, without dropping anybody, and none that can't be used")
    func limits() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "amenity-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        func write(_ text: String) throws { try Data(text.utf8).write(to: file, options: .atomic) }
        try write(#"{"limit-batch-calls": 7, "limit-connections-per-address": 1}"#)
        try await withQueue { database, _ in
            try await withService(on: database, ["--config", file.path]) { service in
                try await withClient(service.address) { first in
                    #expect(try await first.call("system.limits").result?["batch_calls"].int == 7)
                    try await withClient(service.address) { second in
                        let refusal = try await second.reply(0)
                        #expect(refusal.kind == "too_many_connections")
                    }
                    try write(#"{"limit-batch-calls": 9, "limit-connections-per-address": 3}"#)
                    service.program.send(SIGHUP)
                    let told = try await service.program.event("settings read anew")
                    #expect(try await batchLimit(of: service) == 9)
                    try write(#"{"limit-batch-calls": 0}"#)
                    service.program.send(SIGHUP)
                    let refused = try await service.program.event("what was read before stays in use")
                    #expect(refused.index > told.index)
                    #expect(refused.event["error"].string?.contains("limit-batch-calls is 0") == true)
                    #expect(try await batchLimit(of: service) == 9)
                    #expect(try await first.call("system.ping").isResult, "it was there all the time")
                }
            }
        }
    }

    /// What a new connection is told.
    private func batchLimit(of service: LiveService) async throws -> Int? {
        try await withClient(service.address) { try await $0.call("system.limits").result?["batch_calls"].int }
    }

    @Test(
        "keeps its certificate when the file is broken, and says so",
        .enabled(if: CertificateAuthority.isAvailable, "there is no openssl command to make certificates with")
    )
    func certificate() async throws {
        try await withQueue { database, _ in
            try await withAuthority { authority in
                let pair = try await authority.issue("service")
                let tls = ["--tls-listen", "127.0.0.1:0", "--tls-certificate", pair.certificate, "--tls-key", pair.key]
                try await withProgram("amenityd", switches(database, ["--listen", "127.0.0.1:0"] + tls)) { program in
                    let service = try await LiveService(program)
                    try await program.event("listening with TLS")
                    program.send(SIGHUP)
                    let told = try await program.event("settings read anew")
                    #expect(told.event["tls"].string == "true")
                    try "nonsense".write(toFile: pair.certificate, atomically: true, encoding: .utf8)
                    program.send(SIGHUP)
                    let refused = try await program.event("what was read before stays in use")
                    #expect(refused.event["error"].string?.contains("tls-certificate") == true)
                    #expect(try await service.answers("system.ping"))
                }
            }
        }
    }
}
