/// A value that can be a parameter, in PostgreSQL's binary format.
package protocol PostgresEncodable: Sendable {
    /// The OID of the type, from `pg_type`.
    static var postgresType: UInt32 { get }

    func encode(into bytes: inout [UInt8])
}

/// A value that can be read from a column in PostgreSQL's binary format.
package protocol PostgresDecodable: Sendable {
    /// Whether a column of this type OID can be read as the value.
    static func accepts(type: UInt32) -> Bool

    /// Decodes a cell; `nil` when the bytes are not a value of the type. The bytes are borrowed for the call.
    init?(postgres bytes: UnsafeRawBufferPointer)
}

package typealias PostgresCodable = PostgresDecodable & PostgresEncodable

extension PostgresDecodable where Self: PostgresEncodable {
    package static func accepts(type: UInt32) -> Bool { type == postgresType }
}

/// The OIDs of built-in types, stable across versions of PostgreSQL (`pg_type.dat`).
enum TypeOID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let date: UInt32 = 1082
    static let timestamptz: UInt32 = 1184
    static let interval: UInt32 = 1186
    static let numeric: UInt32 = 1700
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    static let void: UInt32 = 2278
    /// The first OID that user-defined types, such as enums, may have.
    static let firstUserDefined: UInt32 = 16384
}

/// The array type of an element type.
package protocol PostgresArrayElement: PostgresCodable {
    static var postgresArrayType: UInt32 { get }
}
