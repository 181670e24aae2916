import Access
import Testing

@Suite("The form of tokens")
struct TokenFormTests {
    @Test(
        "a token has its role's letters, 22 digits of a secret and 6 of a checksum",
        arguments: [(Role.investor, "inv"), (.staff, "stf"), (.analyst, "anl"), (.admin, "adm")]
    )
    func form(role: Role, letters: String) {
        var random = SystemRandomNumberGenerator()
        let parts = Token(role: role, using: &random).text.split(separator: "_")
        #expect(parts.count == 3)
        #expect(parts.prefix(2) == ["amn", letters[...]])
        #expect(parts.last?.count == 28)
        #expect(parts.last?.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } == true)
    }

    @Test("the checksum is the CRC-32 of zlib over all that stands before it")
    func checksum() {
        #expect(Self.crc32("123456789") == 0xCBF4_3926)
        var random = SystemRandomNumberGenerator()
        let text = Token(role: .admin, using: &random).text
        #expect(Self.number(text.suffix(6)) == UInt64(Self.crc32(String(text.dropLast(6)))))
    }

    @Test("any single wrong character is noticed without a database")
    func typos() {
        var random = SystemRandomNumberGenerator()
        let text = Token(role: .admin, using: &random).text
        #expect(Token(text)?.text == text)
        for index in text.indices {
            let wrong = text[index] == "0" ? "1" : "0"
            #expect(Token(text.replacingCharacters(at: index, with: wrong)) == nil)
        }
        #expect(Token(String(text.dropLast())) == nil)
        #expect(Token(text + "0") == nil)
        #expect(Token("") == nil)
    }

    /// Written apart from the one under test: with a table.
    private static func crc32(_ text: String) -> UInt32 {
        let table = (0..<256).map { byte -> UInt32 in
            (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : 0xEDB8_8320 ^ (crc >> 1) }
        }
        return ~text.utf8.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
    }

    private static func number(_ digits: Substring) -> UInt64 {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        return digits.reduce(0) { $0 * 62 + UInt64(alphabet.firstIndex(of: $1) ?? 99) }
    }
}

extension String {
    fileprivate func replacingCharacters(at index: Index, with text: String) -> String {
        self[..<index] + text + self[self.index(after: index)...]
    }
}
