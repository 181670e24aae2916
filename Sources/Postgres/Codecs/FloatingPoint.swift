extension Double: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.float8 }
    package static var postgresArrayType: UInt32 { 1022 }
    package func encode(into bytes: inout [UInt8]) { bitPattern.appendBigEndian(to: &bytes) }
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        guard let pattern = UInt64(bigEndian: bytes) else { return nil }
        self.init(bitPattern: pattern)
    }
}

extension Float: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.float4 }
    package static var postgresArrayType: UInt32 { 1021 }
    package func encode(into bytes: inout [UInt8]) { bitPattern.appendBigEndian(to: &bytes) }
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        guard let pattern = UInt32(bigEndian: bytes) else { return nil }
        self.init(bitPattern: pattern)
    }
}
