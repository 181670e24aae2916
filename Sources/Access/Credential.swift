/// What a caller shows of who they are.
package enum Credential: Hashable, Sendable {
    /// A token's text, which need not have the form of one.
    case token(String)
    /// The subject's alternative names of a client's certificate that was found good, such as `DNS:desk.example`.
    case certificate([String])

    /// Looks at every byte of two tokens of one length, so that the time says nothing about where they differ.
    package static func == (one: Credential, other: Credential) -> Bool {
        switch (one, other) {
        case (.token(let text), .token(let given)):
            text.utf8.count == given.utf8.count && zip(text.utf8, given.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
        case (.certificate(let names), .certificate(let shown)): names == shown
        case (.token, .certificate), (.certificate, .token): false
        }
    }

    var isCertificate: Bool {
        if case .certificate = self { true } else { false }
    }
}
