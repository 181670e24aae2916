/// Sent as `text`, read from every character type and from enums. The server refuses U+0000 in a text with SQLSTATE 22021.
extension String: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.text }
    package static var postgresArrayType: UInt32 { 1009 }

    package static func accepts(type: UInt32) -> Bool {
        switch type {
        case TypeOID.text, TypeOID.varchar, TypeOID.bpchar, TypeOID.name, TypeOID.json: true
        default: type >= TypeOID.firstUserDefined
        }
    }

    package func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }

    package init?(postgres bytes: UnsafeRawBufferPointer) {
        self.init(validating: bytes, as: UTF8.self)
    }
}

/// `bytea`.
extension [UInt8]: PostgresEncodable, PostgresDecodable {
    package static var postgresType: UInt32 { TypeOID.bytea }
    package func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: self) }
    package init?(postgres bytes: UnsafeRawBufferPointer) { self.init(bytes) }
}

/// A text as its UTF-8 bytes, for what is only copied on. The server has checked them.
package struct TextBytes: PostgresDecodable, Hashable {
    package let utf8: [UInt8]

    package init(_ text: String) { self.utf8 = Array(text.utf8) }

    package static func accepts(type: UInt32) -> Bool { String.accepts(type: type) }
    package init?(postgres bytes: UnsafeRawBufferPointer) { self.utf8 = Array(bytes) }
}

/// JSON as the UTF-8 bytes of its text, without a look inside. Sent as `jsonb`, read from `json` and `jsonb`.
package struct JSONText: PostgresArrayElement, Hashable {
    package let utf8: [UInt8]

    package init(utf8: [UInt8]) { self.utf8 = utf8 }
    package init(_ text: String) { self.utf8 = Array(text.utf8) }

    package var text: String { String(decoding: utf8, as: UTF8.self) }

    package static var postgresType: UInt32 { TypeOID.jsonb }
    package static var postgresArrayType: UInt32 { 3807 }
    package static func accepts(type: UInt32) -> Bool { type == TypeOID.jsonb || type == TypeOID.json }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(Self.version)
        bytes.append(contentsOf: utf8)
    }

    package init?(postgres bytes: UnsafeRawBufferPointer) {
        // `json` is the bare text; `jsonb` puts its version in front, a byte that cannot begin a JSON text.
        guard let first = bytes.first else { return nil }
        self.init(utf8: Array(first == Self.version ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst()) : bytes))
    }

    private static let version: UInt8 = 1
}
