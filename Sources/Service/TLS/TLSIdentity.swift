import NIOSSL
import Synchronization

/// What an encrypted listener shows of itself and asks of its clients, from files in PEM that are read anew when told to.
package final class TLSIdentity: Sendable {
    /// Where it is read from.
    package struct Files: Sendable {
        /// Our certificate, and those between it and the authority.
        package var certificate: String
        /// Its private key, without a password.
        package var key: String
        /// The authority of which clients have to show a certificate; none is asked for without it.
        package var clientAuthority: String?

        package init(certificate: String, key: String, clientAuthority: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientAuthority = clientAuthority
        }
    }

    private let files: Files
    private let context: Mutex<NIOSSLContext>

    /// What ALPN calls our protocol; a client that does not say it is served all the same.
    static let applicationProtocol = "amenity-jsonrpc/1"

    /// - Throws: ``SettingError`` for files that can't be read or don't fit each other.
    package init(_ files: Files) throws(SettingError) {
        self.files = files
        self.context = Mutex(try Self.read(files))
    }

    /// Reads the files anew, for connections from now on. On an error everything stays as it was.
    ///
    /// - Throws: ``SettingError`` for files that can't be read or don't fit each other.
    package func reload() throws(SettingError) {
        let fresh = try Self.read(files)
        context.withLock { $0 = fresh }
    }

    /// A handler for one connection, and what tells the names in the certificate that its client has shown, once something
    /// was read.
    func makeHandler() -> (handler: NIOSSLServerHandler, certificateNames: () -> [String]) {
        let handler = NIOSSLServerHandler(context: context.withLock(\.self))
        return (handler, { Self.names(in: handler.peerCertificate) })
    }

    /// The subject's alternative names of a client's certificate, such as `DNS:desk.example`; its common name is none.
    private static func names(in certificate: NIOSSLCertificate?) -> [String] {
        // Underscored, since its shape may change with another version; there is no other way to them.
        certificate?._subjectAlternativeNames().compactMap { name in
            guard let kind = nameKinds[name.nameType] else { return nil }
            return kind + ":" + String(decoding: name.contents, as: UTF8.self)
        } ?? []
    }

    private static let nameKinds: [_SubjectAlternativeName.NameType: String] = [
        .dnsName: "DNS", .uri: "URI", .email: "email",
    ]

    private static func read(_ files: Files) throws(SettingError) -> NIOSSLContext {
        let chain = try reading("tls-certificate", files.certificate) { try NIOSSLCertificate.fromPEMFile($0) }
        guard !chain.isEmpty else { throw SettingError("tls-certificate: \(files.certificate) holds no certificate") }
        let key = try reading("tls-key", files.key) { try NIOSSLPrivateKey(file: $0, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = cipherSuites
        configuration.applicationProtocols = [applicationProtocol]
        if let path = files.clientAuthority {
            let authorities = try reading("tls-client-ca", path) { try NIOSSLCertificate.fromPEMFile($0) }
            guard !authorities.isEmpty else { throw SettingError("tls-client-ca: \(path) holds no certificate") }
            configuration.trustRoots = .certificates(authorities)
            // A client has no name that could be compared with anything.
            configuration.certificateVerification = .noHostnameVerification
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SettingError("tls-key is not the key of tls-certificate, or neither can be used: \(error)")
        }
    }

    /// Of TLS 1.2 those with forward secrecy and authenticated encryption; of TLS 1.3 all are such.
    private static let cipherSuites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    private static func reading<Value>(_ setting: String, _ path: String, _ read: (String) throws -> Value)
        throws(SettingError) -> Value
    {
        do {
            return try read(path)
        } catch {
            throw SettingError("\(setting): \(path) can't be read: \(error)")
        }
    }
}

/// A listener whose connections are encrypted.
package struct SecureListener: Sendable {
    package let address: ListenAddress
    package let identity: TLSIdentity

    package init(address: ListenAddress, identity: TLSIdentity) {
        self.address = address
        self.identity = identity
    }
}
