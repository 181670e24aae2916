import FoundationEssentials
import Postgres

/// Where a page of a search ended: the sort key of its last row. That it comes back with the search it belongs to is for
/// whoever hands it out to see to.
struct Cursor: Equatable {
    /// What the last row is sorted by.
    var key: Double
    var name: String = ""
    /// The last row's id.
    var id: UUID
    /// The step of the ladder that found the page.
    var step = 0
    /// When the search began; later pages reckon with that time. `nil` where no time matters.
    var asOf: Timestamp?

    var text: String {
        let numbers = [key.bitPattern, UInt64(step), UInt64(bitPattern: asOf?.microseconds ?? 0)]
        return (numbers.map { String($0, radix: 16) } + [id.uuidString.lowercased(), Self.hexadecimal(name)])
            .joined(separator: ".")
    }
}

extension Cursor {
    /// Reads a cursor that a caller brings back; `nil` when it is not one.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, !text.contains("+"), let pattern = UInt64(parts[0], radix: 16),
            let step = UInt8(parts[1], radix: 16), let time = UInt64(parts[2], radix: 16),
            let id = UUID(uuidString: String(parts[3])), let name = Self.string(parts[4])
        else { return nil }
        self.init(key: Double(bitPattern: pattern), name: name, id: id, step: Int(step))
        if time != 0 { asOf = Timestamp(microseconds: Int64(bitPattern: time)) }
        guard !key.isNaN else { return nil }
    }

    private static func hexadecimal(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func string(_ digits: Substring) -> String? {
        let digits = Array(digits.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16), byte != 0
            else { return nil }
            bytes.append(byte)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
