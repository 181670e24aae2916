/// A `numeric` as its exact decimal text, such as `12.50`, `NaN` or `-Infinity`. Read only: send a number as text and cast.
package struct Numeric: PostgresDecodable, Hashable, CustomStringConvertible {
    package let description: String

    package static func accepts(type: UInt32) -> Bool { type == TypeOID.numeric }

    /// Decodes base-10000 digits: count, weight of the first digit, sign, scale (`numeric_send` in PostgreSQL's source).
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8 else { return nil }
        func word(_ index: Int) -> Int {
            Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        }
        let count = word(0)
        let weight = Int(Int16(truncatingIfNeeded: word(1)))
        let scale = word(3)
        guard bytes.count == 8 + 2 * count, scale <= 16383 else { return nil }
        switch word(2) {
        case 0xC000: self.description = "NaN"
        case 0xD000: self.description = "Infinity"
        case 0xF000: self.description = "-Infinity"
        case 0x0000, 0x4000:
            var digits: [Int] = []
            for index in 0..<count {
                let digit = word(4 + index)
                guard digit < 10000 else { return nil }
                digits.append(digit)
            }
            self.description = (word(2) == 0x4000 ? "-" : "") + Self.text(digits, weight: weight, scale: scale)
        default: return nil
        }
    }

    private static func text(_ digits: [Int], weight: Int, scale: Int) -> String {
        func group(_ position: Int) -> String {
            // Position 0 is the group just before the decimal point; it counts down to the right.
            let index = weight - position
            let digit = digits.indices.contains(index) ? digits[index] : 0
            let text = String(digit)
            return String(repeating: "0", count: 4 - text.count) + text
        }
        var whole = ""
        for position in stride(from: max(weight, 0), through: 0, by: -1) { whole += group(position) }
        whole = String(whole.drop { $0 == "0" })
        if whole.isEmpty { whole = "0" }
        guard scale > 0 else { return whole }
        var fraction = ""
        var position = -1
        while fraction.count < scale {
            fraction += group(position)
            position -= 1
        }
        return whole + "." + fraction.prefix(scale)
    }
}
