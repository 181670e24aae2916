package import FoundationEssentials

extension UUID: PostgresArrayElement {
    package static var postgresType: UInt32 { TypeOID.uuid }
    package static var postgresArrayType: UInt32 { 2951 }
    package func encode(into bytes: inout [UInt8]) { withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) } }
    package init?(postgres bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        self.init(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}
