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
