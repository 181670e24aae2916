extension FixedWidthInteger {
    /// Appends the value in network byte order.
    func appendBigEndian(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Reads exactly this type's width in network byte order.
    init?(bigEndian bytes: UnsafeRawBufferPointer) {
        guard bytes.count == MemoryLayout<Self>.size else { return nil }
        self.init(bigEndian: bytes.loadUnaligned(as: Self.self))
    }
}

extension Int16: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.int2 }
    package static var postgresArrayType: UInt32 { 1005 }
    package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
    package init?(postgres bytes: UnsafeRawBufferPointer) { self.init(bigEndian: bytes) }
}

extension Int32: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.int4 }
    package static var postgresArrayType: UInt32 { 1007 }
    package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
    package init?(postgres bytes: UnsafeRawBufferPointer) { self.init(bigEndian: bytes) }
}

extension Int64: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.int8 }
    package static var postgresArrayType: UInt32 { 1016 }
    package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
    package init?(postgres bytes: UnsafeRawBufferPointer) { self.init(bigEndian: bytes) }
}

/// Sent as `bigint`, read from any integer type.
extension Int: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.int8 }
    package static var postgresArrayType: UInt32 { 1016 }
    package static func accepts(type: UInt32) -> Bool {
        type == TypeOID.int8 || type == TypeOID.int4 || type == TypeOID.int2
    }
    package func encode(into bytes: inout [UInt8]) { Int64(self).appendBigEndian(to: &bytes) }
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        switch bytes.count {
        case 8:
            guard let value = Int64(bigEndian: bytes) else { return nil }
            self = Int(value)
        case 4:
            guard let value = Int32(bigEndian: bytes) else { return nil }
            self = Int(value)
        case 2:
            guard let value = Int16(bigEndian: bytes) else { return nil }
            self = Int(value)
        default: return nil
        }
    }
}

extension Bool: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.bool }
    package static var postgresArrayType: UInt32 { 1000 }
    package func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 1, bytes[0] <= 1 else { return nil }
        self = bytes[0] == 1
    }
}
