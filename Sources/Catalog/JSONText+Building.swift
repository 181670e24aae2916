package import FoundationEssentials
package import Postgres

/// Putting finished JSON texts together, for answers of several statements.
extension JSONText {
    /// An object of the members in their order. Names must need no escaping.
    package static func object(_ members: [(String, JSONText)]) -> JSONText {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: member.0.utf8)
            bytes.append(contentsOf: "\":".utf8)
            bytes.append(contentsOf: member.1.utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        return JSONText(utf8: bytes)
    }

    /// An object of the members in their order.
    package static func object(_ members: (String, JSONText)...) -> JSONText { object(members) }

    /// An object of one member.
    package static func object(_ name: String, _ value: JSONText) -> JSONText { object([(name, value)]) }

    /// An array of the elements in their order.
    package static func array(_ elements: [JSONText]) -> JSONText {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        bytes.reserveCapacity(elements.reduce(2) { $0 + $1.utf8.count + 1 })
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: element.utf8)
        }
        bytes.append(UInt8(ascii: "]"))
        return JSONText(utf8: bytes)
    }

    /// The object with further members at its end. It must have some already, and no space behind it.
    package func adding(_ members: [(String, JSONText)]) -> JSONText {
        guard !members.isEmpty else { return self }
        return JSONText(utf8: utf8.dropLast() + [UInt8(ascii: ",")] + JSONText.object(members).utf8.dropFirst())
    }

    /// An array of strings.
    package static func strings(_ values: [String]) -> JSONText { .array(values.map(string)) }

    package static func boolean(_ value: Bool) -> JSONText { JSONText(value ? "true" : "false") }

    /// A UUID as the database writes it.
    package static func id(_ value: UUID) -> JSONText { .string(value.uuidString.lowercased()) }

    /// The contract's names of amenities, which say what language they are in and, in the caller's language, who chose them.
    static func name(_ text: String, language: String, origin: String? = nil) -> JSONText {
        let members = [("text", JSONText.string(text)), ("lang", .string(language))]
        return .object(members + (origin.map { [("origin", .string($0))] } ?? []))
    }

    /// A string with what JSON requires escaped.
    package static func string(_ value: String) -> JSONText {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return JSONText(utf8: bytes)
    }
}
