import Testing

@testable import Service

@Suite("Hashes are those of their standards")
struct SealingTests {
    @Test("SHA-256", arguments: Self.digests)
    func digest(_ message: String, _ digest: String) {
        #expect(hexadecimal(SHA256.hash(Array(message.utf8))) == digest)
    }

    @Test("SHA-256 of a million letters")
    func longMessage() {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(
            hexadecimal(SHA256.hash(message)) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    @Test("HMAC, RFC 4231", arguments: Self.codes)
    func code(_ key: [UInt8], _ message: String, _ code: String) {
        #expect(hexadecimal(SHA256.authenticationCode(of: Array(message.utf8), key: key)) == code)
    }

    @Test("XXH64", arguments: Self.hashes)
    func hash(_ text: String, _ hash: UInt64) { #expect(ETag.hash(Array(text.utf8)) == hash) }

    @Test("An etag is 13 characters, and other for any other bytes")
    func etags() {
        let body = Array(#"{"items":[1,2,3],"name":"平湖"}"#.utf8)
        let etag = ETag.text(of: body)
        #expect(etag.utf8.count == 13 && etag.allSatisfy { $0.isLowercase || $0.isNumber })
        for index in body.indices {
            var other = body
            other[index] ^= 1
            #expect(ETag.text(of: other) != etag)
        }
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static let digests = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            // 55 bytes are the most that fit into one block with the padding.
            String(repeating: "a", count: 55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"
        ),
        (String(repeating: "a", count: 56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (String(repeating: "a", count: 64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
    ]

    private static let codes: [([UInt8], String, String)] = [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]

    /// Of the reference implementation.
    private static let hashes: [(String, UInt64)] = [
        ("", 0xef46_db37_51d8_e999), ("a", 0xd24e_c4f1_a98c_6e5b), ("abc", 0x44bc_2cf5_ad77_0999),
        ("asdf", 0x4158_72f5_99ce_a71e),
        ("Call me Ishmael. Some years ago--never mind how long precisely-", 0x02a2_e854_70d6_fd96),
    ]
}
