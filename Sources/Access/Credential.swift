/// What a caller shows of who they are.
package enum Credential: Hashable, Sendable {
    /// A token's text, which need not have the form of one.
    case token(String)
    /// The subject's alternative names of a client's certificate that was found good, such as `DNS:desk.example`.
    case certificate([String])

    var isCertificate: Bool {
        if case .certificate = self { true } else { false }
    }
}
