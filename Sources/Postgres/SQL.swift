/// The text of one statement and the name it is prepared under.
///
/// The server-side name is a hash of the text, so it is the same on every connection and in every process, also behind a
/// pooler that tracks prepared statements.
package struct SQL: Sendable {
    /// The file's base name under `db/queries`, for logs and errors.
    package let name: String
    package let text: String
    /// The name on the server: `s_` and 16 hexadecimal digits.
    let identifier: String

    package init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
        self.identifier = "s_" + Self.hash(text)
    }

    /// A statement embedded from its file.
    package init(_ name: String, _ embedded: [UInt8]) {
        self.init(name, String(decoding: embedded, as: UTF8.self))
    }

    static let check = SQL("check", "SELECT 1")
    static let begin = SQL("begin", "BEGIN")
    static let beginReadOnly = SQL("begin_read_only", "BEGIN READ ONLY")
    static let commit = SQL("commit", "COMMIT")
    static let rollback = SQL("rollback", "ROLLBACK")

    static func deallocate(_ identifier: String) -> SQL { SQL("deallocate", "DEALLOCATE \(identifier)") }

    /// FNV-1a, 64 bits: the names must differ between statements, not resist an attacker.
    private static func hash(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
