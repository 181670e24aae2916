import Foundation

/// An authority that signs certificates for tests, made with the `openssl` command in a folder of its own.
package struct CertificateAuthority: Sendable {
    package let folder: String

    /// Whether the command is here.
    package static var isAvailable: Bool { command != nil }

    private static var command: String? {
        ["/usr/bin/openssl", "/usr/local/bin/openssl"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A certificate and its key.
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String
    }

    /// The authority's own certificate.
    package var certificate: String { folder + "/ca.pem" }

    /// Makes an authority in a new folder.
    package init() async throws {
        folder = NSTemporaryDirectory() + "amenity-ca-" + UUID().uuidString.lowercased().prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let key = [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder + "/ca.key",
        ]
        try await run(["req", "-x509"] + key + ["-days", "2", "-subj", "/CN=Test authority", "-out", certificate])
    }

    /// Signs a certificate for `localhost`.
    ///
    /// - Parameters:
    ///   - names: the subject's alternative names, as `openssl` writes them.
    ///   - key: the kind of its key, as `openssl` knows it.
    ///   - days: for which it is valid; none are left of -1.
    package func issue(
        _ name: String,
        names: String = "DNS:localhost",
        key: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        days: Int = 2
    ) async throws -> Pair {
        let pair = Pair(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let request = "\(folder)/\(name).csr"
        let subject = ["-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)"]
        try await run(
            ["req", "-new", "-newkey"] + key + ["-nodes"] + subject + ["-keyout", pair.key, "-out", request]
        )
        let authority = ["-CA", certificate, "-CAkey", folder + "/ca.key", "-CAcreateserial"]
        let validity = ["-days", "\(days)", "-copy_extensions", "copyall"]
        try await run(["x509", "-req", "-in", request] + authority + validity + ["-out", pair.certificate])
        return pair
    }

    /// Starts a client that does what well-behaved ones don't, such as to shake hands again when an `R` is typed.
    package func startClient(port: Int, _ options: [String], on terminal: PseudoTerminal) throws -> ChildProcess {
        let server = ["-connect", "127.0.0.1:\(port)", "-servername", "localhost", "-CAfile", certificate]
        return try start(["s_client", "-verify_return_error"] + server + options, terminal: terminal.path)
    }

    package func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private func start(_ arguments: [String], terminal: String? = nil) throws -> ChildProcess {
        guard let command = Self.command else { throw TestSupportError("there is no openssl command") }
        let environment = ["HOME": folder, "PATH": "/usr/bin:/bin"]
        return try ChildProcess(command, arguments, environment: environment, terminal: terminal)
    }

    private func run(_ arguments: [String]) async throws {
        let process = try start(arguments)
        guard try await process.ended(within: .seconds(30)) == .exit(0) else {
            throw TestSupportError("openssl failed: " + process.errors.lines.joined(separator: "\n"))
        }
    }
}

/// Lends an authority for as long as the body runs.
package func withAuthority<Value>(_ body: (CertificateAuthority) async throws -> Value) async throws -> Value {
    let authority = try await CertificateAuthority()
    defer { authority.remove() }
    return try await body(authority)
}
