/// A bearer token: `amn_`, a letter group for the role, 22 base-62 digits of 128 random bits and 6 of a CRC-32, so that a
/// mistyped or leaked one is recognised without a database.
package struct Token: Sendable {
    package let text: String

    /// Makes a new token of the system's randomness.
    package init(role: Role) {
        var random = SystemRandomNumberGenerator()
        self.init(role: role, using: &random)
    }

    /// Makes a new token.
    package init(role: Role, using random: inout some RandomNumberGenerator) {
        let secret = UInt128(random.next()) << 64 | UInt128(random.next())
        let body = "amn_\(Self.prefix(role))_" + Self.base62(secret, digits: 22)
        self.text = body + Self.base62(UInt128(Self.crc32(body.utf8)), digits: 6)
    }

    /// Takes a token that a caller presents; `nil` when its form or checksum is wrong.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual("amn".utf8), parts[2].count == 28,
            Role.allCases.contains(where: { Self.prefix($0).utf8.elementsEqual(parts[1]) }),
            text.utf8.suffix(6).elementsEqual(
                Self.base62(UInt128(Self.crc32(text.utf8.dropLast(6))), digits: 6).utf8
            )
        else { return nil }
        self.text = text
    }

    /// What is hashed.
    var bytes: [UInt8] { Array(text.utf8) }

    private static func prefix(_ role: Role) -> String {
        switch role {
        case .anonymous: "anon"
        case .investor: "inv"
        case .staff: "stf"
        case .analyst: "anl"
        case .admin: "adm"
        }
    }

    private static func base62(_ value: UInt128, digits: Int) -> String {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var rest = value
        var output = [UInt8](repeating: alphabet[0], count: digits)
        for index in stride(from: digits - 1, through: 0, by: -1) {
            output[index] = alphabet[Int(rest % 62)]
            rest /= 62
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// CRC-32 of IEEE 802.3, reflected, as in zlib.
    private static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
