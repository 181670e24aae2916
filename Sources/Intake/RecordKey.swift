package import Postgres

/// Why a caller may see what somebody handed in.
package struct RecordKey: Sendable {
    /// The secret of its receipt.
    package let secret: String?
    /// Has a transaction take on a role, whose rows the database knows; `nil` for a caller of whom nothing is known but the
    /// secret.
    package let opening: (any Statement)?

    package init(secret: String? = nil, opening: (any Statement)? = nil) {
        self.secret = secret
        self.opening = opening
    }
}
