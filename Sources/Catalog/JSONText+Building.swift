package import FoundationEssentials
package import Postgres

/// Putting finished JSON texts together, for answers of several statements.
extension JSONText {
    /// An object of the members in their order. Names must need no escaping.
    package static func object(_ members: [(String, JSONText)]) -> JSONText {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        bytes.reserveCapacity(members.reduce(2) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 })
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

    /// The object with the members of another at its end. Neither may have space around it.
    package func merging(_ other: JSONText) -> JSONText {
        guard other.utf8.count > 2 else { return self }
        guard utf8.count > 2 else { return other }
        return JSONText(utf8: utf8.dropLast() + [UInt8(ascii: ",")] + other.utf8.dropFirst())
    }

    /// An array of strings.
    package static func strings(_ values: [String]) -> JSONText { .array(values.map(string)) }

    package static func boolean(_ value: Bool) -> JSONText { JSONText(value ? "true" : "false") }

    /// A UUID as the database writes it.
    package static func id(_ value: UUID) -> JSONText { .string(value.uuidString.lowercased()) }

    /// The contract's names of amenities, which say what language they are in and who chose them.
    static func name(_ name: KnownNames.Name) -> JSONText {
        .object(("text", .string(name.text)), ("lang", .string(name.language)), ("origin", .string(name.origin)))
    }

    /// A string with what JSON requires escaped.
    package static func string(_ value: String) -> JSONText {
        var bytes: [UInt8] = []
        bytes.append(json: value.utf8)
        return JSONText(utf8: bytes)
    }
}

extension [UInt8] {
    /// Appends a string in UTF-8 with what JSON requires escaped.
    mutating func append(json text: some Collection<UInt8>) {
        append(UInt8(ascii: "\""))
        if text.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for byte in text { append(escaping: byte) }
        } else {
            append(contentsOf: text)
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(byte)
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
        default: append(byte)
        }
    }
}
