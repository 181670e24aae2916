/// An IP address as a number of 128 bits; IPv4 stands where IPv6 has it mapped, so that both kinds of a dual-stack
/// listener's view of one peer are the same.
package struct IPAddress: Hashable, Sendable {
    package let bits: UInt128

    private static let mappedPrefix: UInt128 = 0xFFFF << 32

    /// Reads `192.0.2.1`, `2001:db8::1` or `fe80::1%eth0`; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let text = text.prefix { $0 != "%" }
        if let v4 = Self.v4(text) {
            bits = Self.mappedPrefix | UInt128(v4)
        } else if let v6 = Self.v6(String(text)) {
            bits = v6
        } else {
            return nil
        }
    }

    private init(bits: UInt128) { self.bits = bits }

    package var isV4: Bool { bits >> 32 == Self.mappedPrefix >> 32 }

    package var isLoopback: Bool { isV4 ? bits >> 24 & 0xFF == 127 : bits == 1 }

    /// The address with all but its first bits set to zero, of 128.
    package func prefix(_ length: Int) -> IPAddress {
        IPAddress(bits: length == 0 ? 0 : (bits >> (128 - length)) << (128 - length))
    }

    private static func v4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        var address: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part) else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    private static func v6(_ text: String) -> UInt128? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let first = groups(halves[0]) else { return nil }
        guard halves.count == 2 else { return first.count == 8 ? number(first) : nil }
        guard let last = groups(halves[1]), first.count + last.count <= 7 else { return nil }
        return number(first + Array(repeating: 0, count: 8 - first.count - last.count) + last)
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let v4 = v4(part) {
                groups += [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
            } else {
                guard (1...4).contains(part.utf8.count), part.first != "+", let group = UInt16(part, radix: 16) else {
                    return nil
                }
                groups.append(group)
            }
        }
        return groups
    }

    private static func number(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }
}

/// A block of addresses, such as `10.0.0.0/8`, `::1` or `2001:db8::/32`.
package struct NetworkPrefix: Hashable, Sendable {
    private let address: IPAddress
    /// Of 128.
    private let length: Int

    private static let v4Bits = 96

    /// Reads an address with or without the length of its prefix; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
        let width = address.isV4 && !parts[0].contains(":") ? 32 : 128
        guard let length = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(length) else { return nil }
        self.length = length + (width == 32 ? Self.v4Bits : 0)
        self.address = address.prefix(self.length)
    }

    package func contains(_ other: IPAddress) -> Bool { other.prefix(length) == address }

    /// Whether all of the other's addresses are its own too.
    package func contains(_ other: NetworkPrefix) -> Bool { other.length >= length && contains(other.address) }

    /// Programs of this machine.
    package static let loopback = [NetworkPrefix("127.0.0.0/8"), NetworkPrefix("::1")].compactMap(\.self)
}

extension NetworkPrefix: CustomStringConvertible {
    /// As PostgreSQL reads it.
    package var description: String {
        address.isV4 && length >= Self.v4Bits ? "\(address)/\(length - Self.v4Bits)" : "\(address.groups)/\(length)"
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        guard isV4 else { return groups }
        return (0..<4).reversed().map { String(UInt8(truncatingIfNeeded: bits >> ($0 * 8))) }.joined(separator: ".")
    }

    /// As IPv6 is written.
    fileprivate var groups: String {
        (0..<8).reversed().map { String(UInt16(truncatingIfNeeded: bits >> ($0 * 16)), radix: 16) }.joined(
            separator: ":"
        )
    }
}
